using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using TgtModular.Plugins;

namespace TgtModular.Core.State;

/// <summary>
/// The journal of one object: one file for each key in a directory of its own. A save is durable when it completes; one that is interrupted leaves the old
/// document. Saves of one key happen in the order of their calls; those of different keys side by side.
/// </summary>
public sealed class StateJournal : IStateJournal
{
    /// <summary>Most bytes in one document.</summary>
    public const int MaximumDocumentLength = 64 << 20;

    /// <summary>Most characters in a key.</summary>
    public const int MaximumKeyLength = 100;

    /// <summary>Most bytes in a file name, as Linux has it; what is put before and after the key of a temporary file fits beside it.</summary>
    private const int MaximumFileNameLength = 255;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");

    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private readonly string _directory;

    /// <summary>A journal in a directory, which is made with the first save.</summary>
    /// <param name="directory">Absolute path; nothing else writes there.</param>
    public StateJournal(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        _directory = Path.GetFullPath(directory);
    }

    /// <summary>The journal of an object.</summary>
    /// <param name="stateDirectory">The daemon's state directory.</param>
    /// <param name="objectName">Name of the object with its kind in front, as <c>unit/db</c>; any characters.</param>
    /// <exception cref="ArgumentException">A part of the name is empty, or too long for a file name.</exception>
    public static StateJournal ForObject(string stateDirectory, string objectName)
    {
        ArgumentNullException.ThrowIfNull(objectName);
        string[] parts = objectName.Split('/', 2);
        return new StateJournal(Path.Combine([stateDirectory, "journal", .. parts.Select(ToFileName)]));
    }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        return InTurn(key, () => Read(path), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">It could not be saved; the old document is still there.</exception>
    public async ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document.Length, MaximumDocumentLength, nameof(document));
        await InTurn(key, () => Write(path, document), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        string path = PathOf(key);
        await InTurn(key, () => Delete(path), cancellationToken);
    }

    /// <summary>Waiting for the disk is done on a pool thread: a save may be asked for on a receive loop.</summary>
    private async ValueTask<T> InTurn<T>(string key, Func<T> work, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns.GetOrAdd(key, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    private static ReadOnlyMemory<byte>? Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        return file.Length <= MaximumDocumentLength
            ? File.ReadAllBytes(path)
            : throw new IOException($"{path} has {file.Length} bytes: more than any document that was saved");
    }

    private bool Write(string path, ReadOnlyMemory<byte> document)
    {
        DurableFile.MakeDirectory(_directory);
        DurableFile.Replace(path, document.Span);
        return true;
    }

    private static bool Delete(string path)
    {
        DurableFile.Remove(path);
        return true;
    }

    private string PathOf(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.Length > MaximumKeyLength || key[0] == '.' || key.AsSpan().ContainsAnyExcept(KeyCharacters))
            throw new ArgumentException($"'{key}' is not a journal key: up to {MaximumKeyLength} letters, digits, dots and hyphens, no dot in front", nameof(key));
        return Path.Combine(_directory, key);
    }

    /// <summary>Escapes as URIs do, so that different names stay different and none leaves the directory.</summary>
    private static string ToFileName(string name)
    {
        var escaped = new StringBuilder();
        foreach (byte unit in Encoding.UTF8.GetBytes(name))
        {
            bool plain = PlainCharacters.Contains((char)unit) && (unit != '.' || escaped.Length > 0);
            _ = plain ? escaped.Append((char)unit) : escaped.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }

        return escaped.Length is > 0 and <= MaximumFileNameLength
            ? escaped.ToString()
            : throw new ArgumentException($"'{name}' cannot name a journal: it is empty or too long", nameof(name));
    }
}
