using Microsoft.Extensions.Logging;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>The loops of one transport. Rings of one nexus share a loop, as a nexus takes commands from one thread only.</summary>
internal sealed class EventLoops(int most, ILogger logger) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _loops = [];
    private readonly Dictionary<INexus, (Entry Entry, int Rings)> _nexuses = [];
    private bool _disposed;

    /// <summary>The loop for one more ring of a nexus.</summary>
    public EventLoop Take(INexus nexus)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_nexuses.TryGetValue(nexus, out (Entry Entry, int Rings) served)) served.Entry = Choose();
            served.Entry.Rings++;
            _nexuses[nexus] = (served.Entry, served.Rings + 1);
            return served.Entry.Loop;
        }
    }

    /// <summary>A ring of the nexus is gone.</summary>
    public void Return(INexus nexus)
    {
        lock (_gate)
        {
            (Entry entry, int rings) = _nexuses[nexus];
            entry.Rings--;
            if (rings == 1) _nexuses.Remove(nexus);
            else _nexuses[nexus] = (entry, rings - 1);
        }
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate) _disposed = true;
        foreach (Entry entry in _loops) entry.Loop.Dispose();
    }

    private Entry Choose()
    {
        Entry? least = _loops.MinBy(entry => entry.Rings);
        if (least is { Rings: 0 } || (least is not null && _loops.Count == most)) return least;
        Entry added = new(new EventLoop($"tcmu {_loops.Count}", logger));
        _loops.Add(added);
        return added;
    }

    private sealed class Entry(EventLoop loop)
    {
        public EventLoop Loop => loop;

        public int Rings { get; set; }
    }
}
