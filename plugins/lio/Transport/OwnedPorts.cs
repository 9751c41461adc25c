using System.Text;
using TgtModular.Plugins;

namespace TgtModular.Lio.Transport;

/// <summary>
/// Ports that this transport made, written down before it makes them: a port carries no name of ours, and an empty one that a crash left behind could not
/// be told from somebody else's.
/// </summary>
internal sealed class OwnedPorts(IStateJournal journal)
{
    private const string Key = "ports";

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public bool Contains(string path) => _paths.Contains(path);

    public IReadOnlyCollection<string> Paths => [.. _paths];

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        if (await journal.LoadAsync(Key, cancellationToken) is not { } document) return;
        foreach (string line in Encoding.UTF8.GetString(document.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries)) _ = _paths.Add(line);
    }

    public async ValueTask AddAsync(string path)
    {
        if (_paths.Add(path)) await SaveAsync();
    }

    public async ValueTask RemoveAsync(string path)
    {
        if (_paths.Remove(path)) await SaveAsync();
    }

    private ValueTask SaveAsync() =>
        journal.SaveAsync(Key, Encoding.UTF8.GetBytes(string.Concat(_paths.Order(StringComparer.Ordinal).Select(path => path + "\n"))), CancellationToken.None);
}
