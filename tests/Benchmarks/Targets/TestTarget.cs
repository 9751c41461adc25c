using TgtModular.Benchmarks.Compare;
using TgtModular.Benchmarks.Observation;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Benchmarks.Targets;

/// <summary>A target that is measured.</summary>
internal abstract class TestTarget : IDisposable
{
    private ProcessUsage? _usage;
    private RuntimeEvents? _events;
    private double _processorBefore;
    private DateTime _watchedFrom;

    /// <summary>What it is called in the table.</summary>
    public abstract string Name { get; }

    /// <summary>Starts it, if it is not running already.</summary>
    /// <exception cref="BenchmarkException">It cannot be started; the message says why.</exception>
    public abstract Task StartAsync();

    /// <summary>Where the bytes of a store are to be had; null when it has none such.</summary>
    /// <param name="store">What the bytes come from.</param>
    /// <param name="digests">Whether it must agree to digests.</param>
    public abstract TargetAddress? AddressOf(StoreKind store, bool digests);

    /// <summary>Looks at its process from here on.</summary>
    public void Watch()
    {
        _watchedFrom = Now();
        _processorBefore = _usage?.ProcessorNanoseconds() ?? 0;
    }

    /// <summary>What has been used since <see cref="Watch"/>; may take a second to find out.</summary>
    public TargetUsage Used()
    {
        if (_usage is null) return default;
        DateTime until = Now();
        double processor = (_usage.ProcessorNanoseconds() - _processorBefore) / (until - _watchedFrom).TotalSeconds;
        double resident = _usage.ResidentBytes();
        if (_events?.Between(_watchedFrom, until) is not { } runtime) return new TargetUsage(processor, resident, null, null);
        return new TargetUsage(processor, resident, runtime.AllocatedPerSecond, runtime.LongestPauseNanoseconds);
    }

    public virtual void Dispose() => _events?.Dispose();

    /// <summary>Its process is known.</summary>
    protected void Observe(int processId)
    {
        _usage = new ProcessUsage(processId);
        _events = RuntimeEvents.TryAttach(processId);
    }

    private static DateTime Now() => TimeProvider.System.GetLocalNow().DateTime; // as the runtime's events have it
}
