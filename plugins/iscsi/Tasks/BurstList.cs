using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tasks;

/// <summary>The outstanding R2Ts of one command, oldest first, and the spare ones. Guarded by its transfer's lock.</summary>
internal sealed class BurstList
{
    private readonly List<ReadyToTransfer> _active = [];
    private readonly List<ReadyToTransfer> _all = [];

    /// <summary>Outstanding R2Ts.</summary>
    public int Count => _active.Count;

    /// <summary>True when any is outstanding.</summary>
    public bool Any => _active.Count > 0;

    /// <summary>Begins a burst; the caller queues it.</summary>
    public ReadyToTransfer Begin(ulong lun, uint initiatorTaskTag, uint tag, uint r2tSN, int offset, int length)
    {
        ReadyToTransfer burst = TakeSpare();
        burst.Begin(lun, initiatorTaskTag, tag, r2tSN, offset, length);
        _active.Add(burst);
        return burst;
    }

    /// <summary>The burst with the tag; null when none has it.</summary>
    public ReadyToTransfer? Find(uint tag)
    {
        foreach (ReadyToTransfer burst in _active)
        {
            if (burst.Tag == tag) return burst;
        }

        return null;
    }

    /// <summary>Checks a Data-Out against its burst, and counts it when it is right. A gap in DataSN marks the burst as damaged.</summary>
    public DataOutViolation Check(ReadyToTransfer burst, in DataOutHeader header, int length)
    {
        if (!burst.IsWritten || burst != _active[0]) return DataOutViolation.NotExpected;
        if (header.DataSN != burst.NextDataSN) burst.IsDamaged = true;
        if (burst.IsDamaged) return DataOutViolation.None; // only its F bit counts any more
        if (header.BufferOffset != (uint)(burst.Offset + burst.Received)) return DataOutViolation.Offset;
        int left = burst.Length - burst.Received;
        if (length > left) return DataOutViolation.TooLong;
        if (header.IsFinal != (length == left)) return DataOutViolation.FinalBit;
        burst.NextDataSN++;
        return DataOutViolation.None;
    }

    /// <summary>Data of the oldest burst has come.</summary>
    public void Take(int length, bool isFinal)
    {
        if (_active.Count == 0) return; // dropped in the meantime
        ReadyToTransfer burst = _active[0];
        burst.Received += length;
        if (!isFinal) return;
        burst.End();
        _active.RemoveAt(0);
    }

    /// <summary>Forgets all bursts.</summary>
    public void Clear()
    {
        foreach (ReadyToTransfer burst in _active) burst.End();
        _active.Clear();
    }

    private ReadyToTransfer TakeSpare()
    {
        foreach (ReadyToTransfer burst in _all)
        {
            if (burst.IsFree) return burst;
        }

        ReadyToTransfer added = new();
        _all.Add(added);
        return added;
    }
}
