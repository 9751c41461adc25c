using System.Numerics;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>A unit of logical blocks, as far as the checks of its commands need it.</summary>
public interface IBlockUnit
{
    /// <summary>Bytes per logical block, a power of two; constant.</summary>
    int BlockLength { get; }

    /// <summary>Logical blocks now.</summary>
    long BlockCount { get; }

    /// <summary>Most bytes of data in one command; constant.</summary>
    int MaximumTransferLength { get; }

    /// <summary>Writes are refused now.</summary>
    bool WriteProtected { get; }
}

/// <summary>What commands on a range of blocks have in common before any data moves: for <see cref="CommandDescriptor.Check"/> and <see cref="CommandDescriptor.DataLength"/>.</summary>
/// <param name="unit">The unit.</param>
public sealed class BlockRangeChecks(IBlockUnit unit)
{
    private readonly int _blockShift = BitOperations.Log2((uint)unit.BlockLength);

    /// <summary>True when all blocks exist; a zero count needs an existing first block.</summary>
    public bool Contains(ulong address, ulong count)
    {
        ulong blocks = (ulong)unit.BlockCount;
        return address < blocks && count <= blocks - address;
    }

    /// <summary>All blocks must exist; for commands without data.</summary>
    public bool Exists(ScsiCommand command, out ScsiOutcome refusal)
    {
        ArgumentNullException.ThrowIfNull(command);
        BlockRange range = BlockRange.Read(command.Cdb);
        refusal = Contains(range.Address, range.Count) ? ScsiOutcome.Good : Sense.LbaOutOfRange;
        return refusal.IsGood;
    }

    /// <summary>As <see cref="Exists"/>, with as many blocks of data.</summary>
    public bool CanRead(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!Exists(command, out refusal)) return false;
        return IsTransferable(command.Cdb, out refusal);
    }

    /// <summary>As <see cref="CanRead"/>, and the unit takes writes.</summary>
    public bool CanWrite(ScsiCommand command, out ScsiOutcome refusal) => IsWritable(out refusal) && CanRead(command, out refusal);

    /// <summary>The unit takes writes.</summary>
    public bool IsWritable(out ScsiOutcome refusal)
    {
        refusal = unit.WriteProtected ? Sense.WriteProtected : ScsiOutcome.Good;
        return refusal.IsGood;
    }

    /// <summary>Data lengths of commands that take a block of data for each block.</summary>
    public DataLengths OutPerBlock(ReadOnlySpan<byte> cdb) => new(BytesOf(cdb), 0);

    /// <summary>Data lengths of commands that give a block of data for each block.</summary>
    public DataLengths InPerBlock(ReadOnlySpan<byte> cdb) => new(0, BytesOf(cdb));

    /// <summary>The announced data is exactly what the CDB asks: nothing sensible can be done with more or less.</summary>
    public static bool IsExact(ScsiCommand command, long wanted, out ScsiOutcome refusal)
    {
        ArgumentNullException.ThrowIfNull(command);
        refusal = command.ExpectedDataOut == wanted ? ScsiOutcome.Good : Sense.InvalidFieldInCommandInformationUnit;
        return refusal.IsGood;
    }

    private bool IsTransferable(ReadOnlySpan<byte> cdb, out ScsiOutcome refusal)
    {
        bool fits = BytesOf(cdb) <= unit.MaximumTransferLength;
        refusal = fits ? ScsiOutcome.Good : Sense.InvalidFieldInCdb(BlockRange.LengthFieldIndex(cdb[0]));
        return fits;
    }

    private long BytesOf(ReadOnlySpan<byte> cdb) => (long)BlockRange.Read(cdb).Count << _blockShift;
}
