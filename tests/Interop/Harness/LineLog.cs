namespace TgtModular.Interop.Harness;

/// <summary>Lines from another process; one can wait for a line. Of a very long log the older half is forgotten.</summary>
internal sealed class LineLog
{
    private const int MostLines = 200_000;

    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<Waiter> _waiting = [];

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
            if (_lines.Count == MostLines)
                _lines.RemoveRange(0, MostLines / 2);
            _lines.Add(line);
            foreach (Waiter waiter in _waiting)
                waiter.Look(line);
        }
    }

    /// <summary>The line, past or to come, that is the how manieth to be wanted.</summary>
    public Task<string> WaitForAsync(Predicate<string> wanted, int occurrence = 1)
    {
        lock (_lock)
        {
            Waiter waiter = new(wanted, occurrence);
            _lines.ForEach(waiter.Look);
            _waiting.Add(waiter);
            return waiter.Found;
        }
    }

    /// <summary>How many lines so far contain the text.</summary>
    public int Count(string text) => Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    public override string ToString()
    {
        const int most = 200;
        IReadOnlyList<string> lines = Lines;
        return string.Join('\n', lines.Skip(Math.Max(0, lines.Count - most)));
    }

    private sealed class Waiter(Predicate<string> wanted, int occurrence)
    {
        private readonly TaskCompletionSource<string> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = occurrence;

        public Task<string> Found => _found.Task;

        public void Look(string line)
        {
            if (wanted(line) && --_left == 0)
                _found.SetResult(line);
        }
    }
}
