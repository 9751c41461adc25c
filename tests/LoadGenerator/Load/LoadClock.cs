using System.Diagnostics;

namespace TgtModular.LoadGenerator.Load;

/// <summary>The phases of a run, in ticks of <see cref="Stopwatch"/>, and the budget of commands; shared by all threads.</summary>
internal sealed class LoadClock(LoadOptions options)
{
    private long _budget = options.CommandLimit ?? long.MaxValue;
    private volatile bool _cancelled;

    public long MeasureFrom { get; private set; }

    public long MeasureUntil { get; private set; }

    public void Start()
    {
        MeasureFrom = Stopwatch.GetTimestamp() + ToTicks(options.CommandLimit == null ? options.Warmup : TimeSpan.Zero);
        MeasureUntil = options.CommandLimit == null ? MeasureFrom + ToTicks(options.Duration) : long.MaxValue;
    }

    public void Cancel() => _cancelled = true;

    /// <summary>Whether a command may still be issued at <paramref name="now"/>.</summary>
    public bool MayIssue(long now)
    {
        if (_cancelled || now >= MeasureUntil)
            return false;
        return options.CommandLimit == null || Interlocked.Decrement(ref _budget) >= 0;
    }

    private static long ToTicks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
