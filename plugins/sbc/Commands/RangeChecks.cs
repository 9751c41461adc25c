using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Sbc;

/// <summary>What commands on a range of blocks have in common before any data moves.</summary>
internal sealed class RangeChecks(BlockMedium medium)
{
    /// <summary>All blocks must exist; for commands without data.</summary>
    public bool Exists(ScsiCommand command, out ScsiOutcome refusal)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        refusal = medium.Contains(range.Address, range.Count) ? ScsiOutcome.Good : Sense.LbaOutOfRange;
        return refusal.IsGood;
    }

    /// <summary>As <see cref="Exists"/>, with as many blocks of data.</summary>
    public bool CanRead(ScsiCommand command, out ScsiOutcome refusal)
    {
        if (!Exists(command, out refusal)) return false;
        return IsTransferable(command.Cdb, out refusal);
    }

    /// <summary>As <see cref="CanRead"/>, and the medium takes writes.</summary>
    public bool CanWrite(ScsiCommand command, out ScsiOutcome refusal) => IsWritable(out refusal) && CanRead(command, out refusal);

    /// <summary>The medium takes writes.</summary>
    public bool IsWritable(out ScsiOutcome refusal)
    {
        refusal = medium.WriteProtected ? Sense.WriteProtected : ScsiOutcome.Good;
        return refusal.IsGood;
    }

    /// <summary>Data lengths of commands that take a block of data for each block.</summary>
    public DataLengths OutPerBlock(ReadOnlySpan<byte> cdb) => new(BytesOf(cdb), 0);

    /// <summary>Data lengths of commands that give a block of data for each block.</summary>
    public DataLengths InPerBlock(ReadOnlySpan<byte> cdb) => new(0, BytesOf(cdb));

    /// <summary>The announced data is exactly what the CDB asks: nothing sensible can be done with more or less.</summary>
    public static bool IsExact(ScsiCommand command, long wanted, out ScsiOutcome refusal)
    {
        refusal = command.ExpectedDataOut == wanted ? ScsiOutcome.Good : Sense.InvalidFieldInCommandInformationUnit;
        return refusal.IsGood;
    }

    private bool IsTransferable(ReadOnlySpan<byte> cdb, out ScsiOutcome refusal)
    {
        bool fits = BytesOf(cdb) <= medium.Abilities.MaximumTransferLength;
        refusal = fits ? ScsiOutcome.Good : Sense.InvalidFieldInCdb(BlockRange.LengthFieldIndex(cdb[0]));
        return fits;
    }

    private long BytesOf(ReadOnlySpan<byte> cdb) => (long)BlockRange.Read(cdb).Count << medium.BlockShift;
}
