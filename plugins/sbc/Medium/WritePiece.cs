using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>What a write command writes: all of its range, or as much as came when the initiator announced less.</summary>
/// <param name="Offset">First byte in the store.</param>
/// <param name="Length">Bytes in whole blocks.</param>
/// <param name="Tail">Bytes behind them that do not fill their block; usually 0.</param>
/// <param name="Started">Timestamp of the command's start.</param>
internal readonly record struct WritePiece(long Offset, int Length, int Tail, long Started)
{
    /// <summary>The piece of a command whose Data-Out has arrived.</summary>
    public static WritePiece Of(ScsiCommand command, BlockMedium medium) => Of(command, medium, medium.Clock.GetTimestamp());

    /// <summary>The same of a command whose start was timed, or not.</summary>
    public static WritePiece Of(ScsiCommand command, BlockMedium medium, long started)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        int length = (int)Math.Min((long)range.Count << medium.BlockShift, command.DataOut.Length);
        int tail = length & (medium.BlockLength - 1);
        return new WritePiece((long)range.Address << medium.BlockShift, length - tail, tail, started);
    }

    /// <summary>For commands that work on whole blocks only.</summary>
    /// <param name="answer">When there is nothing to do: GOOD for no data, a refusal for data that ends within a block.</param>
    public bool HasOnlyWholeBlocks(out ScsiOutcome answer)
    {
        answer = Tail == 0 ? ScsiOutcome.Good : Sense.InvalidFieldInCommandInformationUnit;
        return Tail == 0 && Length > 0;
    }
}
