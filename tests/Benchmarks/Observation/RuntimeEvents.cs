using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;
using Microsoft.Diagnostics.Tracing.Parsers;

namespace TgtModular.Benchmarks.Observation;

/// <summary>
/// Listens to the runtime of another .NET process: the counter of allocated bytes, and the pauses of the garbage collector. The events come over the runtime's
/// diagnostics socket; their cost in the process is a few events per second and per collection.
/// </summary>
internal sealed class RuntimeEvents : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly EventPipeSession _session;
    private readonly EventPipeEventSource _source;
    private readonly Thread _reader;
    private readonly object _gate = new(); // waited on until counters come
    private readonly List<(DateTime From, DateTime Until, double Bytes)> _allocations = [];
    private readonly List<(DateTime At, TimeSpan Length)> _pauses = [];
    private DateTime _suspendedAt;
    private DateTime _countedUntil;

    private RuntimeEvents(EventPipeSession session)
    {
        _session = session;
        _source = new EventPipeEventSource(session.EventStream);
        _source.Dynamic.All += OnCounter;
        _source.Clr.GCSuspendEEStart += started => _suspendedAt = started.TimeStamp;
        _source.Clr.GCRestartEEStop += stopped => OnResumed(stopped.TimeStamp);
        _reader = new Thread(Read) { IsBackground = true, Name = "runtime events" };
        _reader.Start();
    }

    /// <summary>Begins to listen; null when the process is no .NET program, or does not want to be listened to.</summary>
    public static RuntimeEvents? TryAttach(int processId)
    {
        try
        {
            EventPipeProvider[] providers =
            [
                new("System.Runtime", EventLevel.Informational, (long)EventKeywords.None, new Dictionary<string, string> { ["EventCounterIntervalSec"] = "1" }),
                new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, (long)ClrTraceEventParser.Keywords.GC),
            ];
            return new RuntimeEvents(new DiagnosticsClient(processId).StartEventPipeSession(providers, requestRundown: false));
        }
        catch (Exception absent) when (absent is DiagnosticsClientException or IOException or TimeoutException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Bytes allocated per second, and the longest pause in nanoseconds, between two moments. The former is of whole seconds within them; null when there was none.
    /// </summary>
    public (double? AllocatedPerSecond, double LongestPauseNanoseconds) Between(DateTime from, DateTime until)
    {
        WaitFor(until);
        lock (_gate)
        {
            var seconds = _allocations.Where(second => second.From >= from && second.Until <= until).ToList();
            double length = seconds.Sum(second => (second.Until - second.From).TotalSeconds);
            double longest = _pauses.Where(pause => pause.At >= from && pause.At <= until).Select(pause => pause.Length.TotalNanoseconds).DefaultIfEmpty().Max();
            return (length == 0 ? null : seconds.Sum(second => second.Bytes) / length, longest);
        }
    }

    public void Dispose()
    {
        try
        {
            _session.Stop();
        }
        catch (Exception gone) when (gone is IOException or TimeoutException or DiagnosticsClientException or EndOfStreamException)
        {
            // The process was faster.
        }

        _reader.Join(Patience);
        _source.Dispose();
        _session.Dispose();
    }

    /// <summary>Counters come every second: until one of after the moment has been seen.</summary>
    private void WaitFor(DateTime moment)
    {
        lock (_gate)
        {
            while (_countedUntil < moment)
            {
                if (!Monitor.Wait(_gate, Patience)) throw new TimeoutException("no runtime counters from the target");
            }
        }
    }

    private void OnCounter(TraceEvent happened)
    {
        if (happened.EventName != "EventCounters" || happened.PayloadValue(0) is not IDictionary<string, object> outer
            || outer["Payload"] is not IDictionary<string, object> counter || !"alloc-rate".Equals(counter["Name"])) return;
        lock (_gate)
        {
            double bytes = Convert.ToDouble(counter["Increment"], System.Globalization.CultureInfo.InvariantCulture);
            if (_countedUntil != default) _allocations.Add((_countedUntil, happened.TimeStamp, bytes));
            _countedUntil = happened.TimeStamp;
            Monitor.PulseAll(_gate);
        }
    }

    private void OnResumed(DateTime moment)
    {
        lock (_gate) _pauses.Add((moment, moment - _suspendedAt));
    }

    private void Read()
    {
        try
        {
            _source.Process();
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or FormatException)
        {
            // The stream stops in the middle of a block when the process is killed.
        }
    }
}
