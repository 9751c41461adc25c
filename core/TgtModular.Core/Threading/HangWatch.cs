namespace TgtModular.Core.Threading;

/// <summary>
/// Looks from time to time at the calls that are to return at once (<see cref="CallMark"/>), and tells of one that it finds in the same place again and again. It counts looks and not time: while a
/// process is stopped, or has no processor, its calls are no further, and no look takes place.
/// </summary>
internal sealed class HangWatch : IDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Looks at the same call until it is told of: it has been there for 15 to 20 s then.</summary>
    public const int Looks = 4;

    private readonly Action<object> _hangs;
    private readonly Lock _looking = new();
    private readonly ITimer _timer;
    private Dictionary<CallSlot, (long Step, int Seen)> _seen = [];

    /// <summary>Begins to look.</summary>
    /// <param name="clock">Clock.</param>
    /// <param name="hangs">Told of a call, once, by whoever promised that it returns at once; on a thread of the pool.</param>
    public HangWatch(TimeProvider clock, Action<object> hangs)
    {
        _hangs = hangs;
        _timer = clock.CreateTimer(static watch => ((HangWatch)watch!).Look(), this, Interval, Interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (!_looking.TryEnter()) return; // the look before this one is not over yet
        List<object> hanging = [];
        try
        {
            Dictionary<CallSlot, (long Step, int Seen)> now = [];
            foreach (CallSlot slot in CallSlot.GetAll())
            {
                long step = slot.Step;
                if (slot.Promise is not { } promise || slot.Step != step) continue;
                int seen = _seen.TryGetValue(slot, out (long Step, int Seen) before) && before.Step == step ? before.Seen + 1 : 1;
                now.Add(slot, (step, seen));
                if (seen == Looks) hanging.Add(promise);
            }

            _seen = now;
        }
        finally
        {
            _looking.Exit();
        }

        foreach (object promise in hanging) _hangs(promise);
    }
}
