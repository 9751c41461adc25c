using System.Text;
using TgtModular.Plugins;

namespace TgtModular.Stores;

/// <summary>
/// Remembers which file a store had. One that is missing afterwards most likely lies on a file system that is not mounted: to create it anew would serve an
/// empty disk in its place.
/// </summary>
internal sealed class SeenFile(IStateJournal journal)
{
    private const string Key = "file";

    /// <summary>True when the store had this file before.</summary>
    public async ValueTask<bool> IsAsync(string path, CancellationToken cancellationToken) =>
        await journal.LoadAsync(Key, cancellationToken) is { } known && Encoding.UTF8.GetString(known.Span) == path;

    /// <summary>The store has this file now.</summary>
    public ValueTask SetAsync(string path, CancellationToken cancellationToken) => journal.SaveAsync(Key, Encoding.UTF8.GetBytes(path), cancellationToken);
}
