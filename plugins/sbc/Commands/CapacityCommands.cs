using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>READ CAPACITY(10/16) and GET LBA STATUS (SBC-3 sections 5.15, 5.16 and 5.4).</summary>
internal sealed class CapacityCommands(BlockMedium medium, BlockRangeChecks checks, Func<DiskProfile> profile, IWorkerPool workers)
{
    private const int StatusHeaderLength = 8;
    private const int StatusDescriptorLength = 16;

    /// <summary>Descriptors in one answer: each may cost the store a look at its map.</summary>
    private const int MaximumDescriptors = 1024;

    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return new CommandDescriptor
        {
            OperationCode = SbcOpCode.ReadCapacity10,
            Name = "READ CAPACITY(10)",
            UsageMask = CdbMask.Of("25 00 00000000 0000 00 00"),
            Direction = DataDirection.In,
            DataLength = _ => new DataLengths(0, 8),
            Reservation = ReservationRule.Allowed,
            NeedsMedium = true,
            Handler = ReadCapacity10,
        };
        yield return ReadCapacity16.Row(Capacity);
        yield return new CommandDescriptor
        {
            OperationCode = OpCode.ServiceActionIn16,
            ServiceAction = SbcOpCode.GetLbaStatus,
            Name = "GET LBA STATUS",
            UsageMask = CdbMask.Of("9E 12 FFFFFFFFFFFFFFFF FFFFFFFF 00 00"),
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt32BigEndian(cdb[10..])),
            Serialization = SerializationClass.Read,
            Reservation = ReservationRule.Read,
            NeedsMedium = true,
            Check = HasStartingBlock,
            Handler = GetLbaStatus,
        };
    }

    private ValueTask<ScsiOutcome> ReadCapacity10(ScsiCommand command)
    {
        Span<byte> data = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)Math.Min(medium.BlockCount - 1, uint.MaxValue));
        BinaryPrimitives.WriteInt32BigEndian(data[4..], medium.BlockLength);
        return command.Reply(data);
    }

    private ReadCapacity16 Capacity()
    {
        DiskProfile shown = profile();
        return new ReadCapacity16(medium.BlockCount, medium.BlockLength)
        {
            PhysicalBlockExponent = shown.PhysicalBlockExponent,
            LowestAlignedLba = shown.LowestAlignedLba,
            Thin = medium.Abilities.Thin,
            UnmappedReadsZero = medium.Abilities.UnmappedReadsZero,
        };
    }

    private bool HasStartingBlock(ScsiCommand command, out ScsiOutcome refusal)
    {
        bool exists = checks.Contains(BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[2..]), 1);
        refusal = exists ? ScsiOutcome.Good : Sense.LbaOutOfRange;
        return exists;
    }

    private ValueTask<ScsiOutcome> GetLbaStatus(ScsiCommand command)
    {
        if (!medium.MapMayWait) return AnswerLbaStatus(command);
        MapQuestion question = new(this, command);
        workers.Queue(question);
        return new ValueTask<ScsiOutcome>(question.Task);
    }

    private ValueTask<ScsiOutcome> AnswerLbaStatus(ScsiCommand command)
    {
        long block = (long)BinaryPrimitives.ReadUInt64BigEndian(command.Cdb[2..]);
        int room = Math.Clamp((command.DataIn.Length - StatusHeaderLength) / StatusDescriptorLength, 1, MaximumDescriptors);
        byte[] data = new byte[StatusHeaderLength + (room * StatusDescriptorLength)];
        int length = StatusHeaderLength;
        while (length < data.Length && block < medium.BlockCount)
        {
            StorageResult result = FindRun(block, out long blocks, out bool mapped);
            if (!result.IsOk) return medium.Map(result).AsTask();
            Span<byte> descriptor = data.AsSpan(length, StatusDescriptorLength);
            BinaryPrimitives.WriteInt64BigEndian(descriptor, block);
            BinaryPrimitives.WriteUInt32BigEndian(descriptor[8..], (uint)blocks);
            descriptor[12] = (byte)(mapped ? 0 : 1); // PROVISIONING STATUS: mapped or anchored, deallocated
            length += StatusDescriptorLength;
            block += blocks;
        }

        BinaryPrimitives.WriteInt32BigEndian(data, length - 4);
        return command.Reply(data.AsSpan(0, length));
    }

    /// <summary>The run of equally provisioned blocks at a block; one that is allocated in part counts as mapped.</summary>
    private StorageResult FindRun(long block, out long blocks, out bool mapped)
    {
        mapped = true;
        blocks = Math.Min(medium.BlockCount - block, uint.MaxValue);
        if (!medium.Abilities.Thin) return StorageResult.Ok; // fully provisioned: all is mapped
        StorageResult result = medium.GetExtent(block << medium.BlockShift, blocks << medium.BlockShift, out StoreExtent extent);
        if (!result.IsOk) return result;
        long whole = extent.Allocated ? extent.Length + medium.BlockLength - 1 : extent.Length;
        mapped = extent.Allocated || whole < medium.BlockLength;
        blocks = Math.Clamp(whole >> medium.BlockShift, 1, blocks);
        return StorageResult.Ok;
    }

    /// <summary>GET LBA STATUS on its way through the worker pool.</summary>
    private sealed class MapQuestion(CapacityCommands commands, ScsiCommand command) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource<ScsiOutcome> _done = new();

        public Task<ScsiOutcome> Task => _done.Task;

        public void Execute()
        {
            try
            {
                _done.SetResult(commands.AnswerLbaStatus(command).AsTask().GetAwaiter().GetResult());
            }
#pragma warning disable CA1031 // The command's own failure: its task has it, and the core answers it as any other handler's.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                _done.TrySetException(fault);
            }
        }
    }
}
