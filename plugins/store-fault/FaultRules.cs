namespace TgtModular.Stores;

/// <summary>What shall happen to one call, once its delays are over.</summary>
/// <param name="Rule">The rule that decides; null when the call goes on.</param>
/// <param name="Abandoned">True when the call hung until the store was closed or lost its power.</param>
/// <param name="Late">True when the call was late: it is done even if it was aborted meanwhile.</param>
internal readonly record struct FaultVerdict(FaultRule? Rule, bool Abandoned = false, bool Late = false);

/// <summary>The rules in force, and the calls that hang under them.</summary>
internal sealed class FaultRules(TimeProvider clock, FaultRulesFile? file) : IDisposable
{
    /// <summary>How often a hanging call looks whether the rules file has changed.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Lock _reading = new();
    private TaskCompletionSource<bool> _release = NewRelease();
    private ActiveRule[] _rules = [];

    /// <summary>The rules file has changed: power comes back, if it was cut.</summary>
    public event Action? Changed;

    public int Hanging { get; private set; }

    /// <summary>Puts other rules in force; what hangs goes on.</summary>
    public void Set(IEnumerable<FaultRule> rules)
    {
        ActiveRule[] active = [.. rules.Select(rule => new ActiveRule(rule))];
        Release(abandon: false, active);
    }

    /// <summary>Ends the waiting of the calls that hang.</summary>
    /// <param name="abandon">True: they fail; false: they go on.</param>
    public void Release(bool abandon) => Release(abandon, null);

    private void Release(bool abandon, ActiveRule[]? replacement)
    {
        TaskCompletionSource<bool> release;
        lock (_gate)
        {
            // Together: a call that hangs under the new rules must not be let go with those that hung under the old ones.
            _rules = replacement ?? _rules;
            release = _release;
            _release = NewRelease();
        }

        release.SetResult(abandon);
    }

    /// <summary>Lets a call wait as the rules say, then tells what becomes of it.</summary>
    public async ValueTask<FaultVerdict> PassAsync(FaultOperations operation, long offset, long length, CancellationToken cancellationToken)
    {
        Refresh();
        ActiveRule[] rules;
        Task<bool> release;
        lock (_gate) (rules, release) = (_rules, _release.Task);
        bool late = false;
        foreach (ActiveRule active in rules)
        {
            if (!active.Fires(operation, offset, length)) continue;
            switch (active.Rule.Action)
            {
                case FaultAction.Delay:
                    await Task.Delay(active.Rule.Delay, clock, cancellationToken);
                    break;
                case FaultAction.Late:
                    late = true;
                    await Task.Delay(active.Rule.Delay, clock, CancellationToken.None);
                    break;
                case FaultAction.Hang:
                    if (await HangAsync(release, cancellationToken)) return new FaultVerdict(null, Abandoned: true);
                    break;
                default:
                    return new FaultVerdict(active.Rule);
            }
        }

        return new FaultVerdict(null, Late: late);
    }

    /// <summary>Reads the rules file if it has changed.</summary>
    public void Refresh()
    {
        if (file is null) return;
        lock (_reading)
        {
            // No call passes while another one reads what has changed: it would pass under the old rules.
            if (file.TryReadChange() is not { } changed) return;
            Set(changed);
        }

        Changed?.Invoke();
    }

    public void Dispose() => Release(abandon: true);

    private async Task<bool> HangAsync(Task<bool> release, CancellationToken cancellationToken)
    {
        lock (_gate) Hanging++;
        try
        {
            while (file is not null && !release.IsCompleted)
            {
                await Task.WhenAny(release, Task.Delay(Look, clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                Refresh();
            }

            return await release.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_gate) Hanging--;
        }
    }

    private static TaskCompletionSource<bool> NewRelease() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A rule with its counts.</summary>
    private sealed class ActiveRule(FaultRule rule)
    {
        private readonly Lock _gate = new();
        private long _matched;
        private long _fired;

        public FaultRule Rule => rule;

        public bool Fires(FaultOperations operation, long offset, long length)
        {
            if (!rule.Concerns(operation, offset, length)) return false;
            lock (_gate)
            {
                long number = ++_matched - rule.Skip;
                if (number <= 0 || number % rule.Every != 0 || _fired == rule.Times) return false;
                _fired++;
                return true;
            }
        }
    }
}
