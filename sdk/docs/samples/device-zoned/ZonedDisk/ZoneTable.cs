using TgtModular.Scsi;

namespace Samples.Zoned;

/// <summary>ZONE CONDITION (ZBC section 4.4.3); READ ONLY and OFFLINE never come about here.</summary>
internal enum ZoneCondition : byte
{
    NotWritePointer = 0x0,
    Empty = 0x1,
    ImplicitlyOpened = 0x2,
    ExplicitlyOpened = 0x3,
    Closed = 0x4,
    Full = 0xE,
}

/// <summary>What one sequential write required zone holds, as it is saved.</summary>
/// <param name="Written">Blocks from its start that were written.</param>
/// <param name="Finished">FINISH ZONE made it full, whatever was written.</param>
internal readonly record struct ZoneFill(long Written, bool Finished);

/// <summary>
/// The write pointers and conditions of the sequential write required zones, in memory: which of them are open is forgotten with the process, and they are closed
/// when it starts again. Zones are counted from the first sequential one. Safe from any thread.
/// </summary>
/// <param name="geometry">The zones.</param>
/// <param name="fills">What the zones hold; taken over.</param>
/// <param name="maximumOpen">Most zones that are open at the same time; 0 for no limit.</param>
internal sealed class ZoneTable(ZoneGeometry geometry, ZoneFill[] fills, int maximumOpen)
{
    private readonly Lock _gate = new();
    private readonly Openness[] _open = new Openness[fills.Length];
    private readonly List<int> _implicit = []; // the longest open first
    private int _explicitCount;
    private long _version;

    private enum Openness : byte
    {
        No,
        Implicitly,
        Explicitly,
    }

    public int MaximumOpen => maximumOpen;

    /// <summary>The condition of a zone, and its write pointer in blocks from its start.</summary>
    public (ZoneCondition Condition, long Pointer) Look(int zone)
    {
        lock (_gate) return (ConditionOf(zone), fills[zone].Written);
    }

    /// <summary>Blocks of a zone, from its start, that give what was written.</summary>
    public long WrittenOf(int zone)
    {
        lock (_gate) return fills[zone].Written;
    }

    /// <summary>
    /// May this write begin? If so, its zone is open (ZBC sections 4.4.3.4 and 4.4.3.5). Of one zone, no other write is under way: whoever writes sees to that.
    /// </summary>
    /// <param name="zone">The zone.</param>
    /// <param name="offset">First block, counted from the start of the zone.</param>
    /// <param name="refusal">Why not.</param>
    public bool TryBeginWrite(int zone, long offset, out SenseData refusal)
    {
        lock (_gate)
        {
            refusal = default;
            if (IsFull(zone)) refusal = Sense.InvalidFieldInCdb(2);
            else if (offset != fills[zone].Written) refusal = Sense.UnalignedWriteCommand;
            else if (_open[zone] != Openness.No || TryMakeRoom()) return BeginWrite(zone);
            else refusal = Sense.InsufficientZoneResources;
            return false;
        }
    }

    /// <summary>A write has reached the store: the write pointer moves on. A zone that was closed meanwhile to make room stays closed.</summary>
    public void CommitWrite(int zone, long blocks)
    {
        lock (_gate)
        {
            fills[zone] = fills[zone] with { Written = fills[zone].Written + blocks };
            _version++;
            if (IsFull(zone)) Shut(zone);
        }
    }

    /// <summary>OPEN ZONE of one zone.</summary>
    public bool TryOpen(int zone, out SenseData refusal)
    {
        lock (_gate)
        {
            refusal = default;
            if (IsFull(zone) || _open[zone] == Openness.Explicitly) return true;
            bool hasResources = _open[zone] == Openness.Implicitly;
            if (!hasResources && !TryMakeRoom())
            {
                refusal = Sense.InsufficientZoneResources;
                return false;
            }

            OpenExplicitly(zone);
            return true;
        }
    }

    /// <summary>OPEN ZONE of every closed zone: all of them, or none when there are too many.</summary>
    public bool TryOpenAll(out SenseData refusal)
    {
        lock (_gate)
        {
            int[] closed = [.. Enumerable.Range(0, fills.Length).Where(zone => ConditionOf(zone) == ZoneCondition.Closed)];
            bool fits = maximumOpen == 0 || _explicitCount + closed.Length <= maximumOpen;
            refusal = fits ? default : Sense.InsufficientZoneResources;
            if (!fits) return false;
            foreach (int zone in closed)
            {
                _ = TryMakeRoom();
                OpenExplicitly(zone);
            }

            return true;
        }
    }

    /// <summary>CLOSE ZONE of one zone. One that nothing was written to is empty again.</summary>
    public void Close(int zone)
    {
        lock (_gate) Shut(zone);
    }

    /// <summary>CLOSE ZONE of every open zone.</summary>
    public void CloseAll()
    {
        lock (_gate)
        {
            for (int zone = 0; zone < fills.Length; zone++) Shut(zone);
        }
    }

    /// <summary>To finish an empty or closed zone takes the resources of an open one for a moment, and may close another for it.</summary>
    public bool TryPrepareFinish(int zone, out SenseData refusal)
    {
        lock (_gate)
        {
            bool possible = IsFull(zone) || _open[zone] != Openness.No || TryMakeRoom();
            refusal = possible ? default : Sense.InsufficientZoneResources;
            return possible;
        }
    }

    /// <summary>All zones whose condition is one of these.</summary>
    public int[] Find(params ReadOnlySpan<ZoneCondition> conditions)
    {
        lock (_gate)
        {
            List<int> found = [];
            for (int zone = 0; zone < fills.Length; zone++)
            {
                if (conditions.Contains(ConditionOf(zone))) found.Add(zone);
            }

            return [.. found];
        }
    }

    /// <summary>Copies what all zones hold now.</summary>
    /// <returns>A number that is another one after each change.</returns>
    public long CopyTo(ZoneFill[] destination)
    {
        lock (_gate)
        {
            fills.CopyTo(destination, 0);
            return _version;
        }
    }

    /// <summary>These zones hold something else: they were reset or finished, and that is saved. None of them is open any more.</summary>
    /// <returns>As <see cref="CopyTo"/>.</returns>
    public long Replace(IReadOnlyList<int> zones, ZoneFill[] source)
    {
        lock (_gate)
        {
            foreach (int zone in zones)
            {
                fills[zone] = source[zone];
                Shut(zone);
            }

            return ++_version;
        }
    }

    private bool BeginWrite(int zone)
    {
        if (_open[zone] != Openness.No) return true;
        _open[zone] = Openness.Implicitly;
        _implicit.Add(zone);
        return true;
    }

    private void OpenExplicitly(int zone)
    {
        Shut(zone);
        _open[zone] = Openness.Explicitly;
        _explicitCount++;
    }

    /// <summary>Room for one more open zone: where there is none, the zone that has been open implicitly for the longest time is closed.</summary>
    private bool TryMakeRoom()
    {
        if (maximumOpen == 0 || _explicitCount + _implicit.Count < maximumOpen) return true;
        if (_implicit.Count == 0) return false;
        Shut(_implicit[0]);
        return true;
    }

    private void Shut(int zone)
    {
        if (_open[zone] == Openness.Explicitly) _explicitCount--;
        else if (_open[zone] == Openness.Implicitly) _implicit.Remove(zone);
        _open[zone] = Openness.No;
    }

    private bool IsFull(int zone) => fills[zone].Finished || fills[zone].Written == geometry.ZoneBlocks;

    private ZoneCondition ConditionOf(int zone)
    {
        if (IsFull(zone)) return ZoneCondition.Full;
        return _open[zone] switch
        {
            Openness.Explicitly => ZoneCondition.ExplicitlyOpened,
            Openness.Implicitly => ZoneCondition.ImplicitlyOpened,
            _ => fills[zone].Written == 0 ? ZoneCondition.Empty : ZoneCondition.Closed,
        };
    }
}
