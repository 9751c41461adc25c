namespace TgtModular.Interop.Harness;

/// <summary>Lines from another process; one can wait for a line.</summary>
internal sealed class LineLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(Predicate<string> Wanted, TaskCompletionSource<string> Found)> _waiting = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    /// <summary>Adds a line; null, the end of a stream, is none.</summary>
    public void Add(string? line)
    {
        if (line == null)
            return;
        lock (_lock)
        {
            _lines.Add(line);
            foreach ((Predicate<string> wanted, TaskCompletionSource<string> found) in _waiting)
            {
                if (wanted(line))
                    _ = found.TrySetResult(line);
            }
        }
    }

    /// <summary>The first line, past or to come, that is wanted.</summary>
    public Task<string> WaitForAsync(Predicate<string> wanted)
    {
        lock (_lock)
        {
            if (_lines.Find(wanted) is { } line)
                return Task.FromResult(line);
            TaskCompletionSource<string> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, found));
            return found.Task;
        }
    }

    public override string ToString()
    {
        const int most = 200;
        IReadOnlyList<string> lines = Lines;
        return string.Join('\n', lines.Skip(Math.Max(0, lines.Count - most)));
    }
}
