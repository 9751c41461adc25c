using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Sbc;

/// <summary>
/// The blocks that a write command writes: all of its range, or those that came when the initiator announced less. Data that ends in the middle of a
/// block is refused whole rather than torn.
/// </summary>
/// <param name="Offset">First byte in the store.</param>
/// <param name="Length">Bytes; 0 when nothing is to be written.</param>
/// <param name="Torn">The data ends in the middle of a block.</param>
/// <param name="Started">Timestamp of the command's start.</param>
internal readonly record struct WritePiece(long Offset, int Length, bool Torn, long Started)
{
    /// <summary>The answer when <see cref="Length"/> is 0.</summary>
    public ScsiOutcome EmptyOutcome => Torn ? Sense.InvalidFieldInCommandInformationUnit : ScsiOutcome.Good;

    /// <summary>The piece of a command whose Data-Out has arrived.</summary>
    public static WritePiece Of(ScsiCommand command, BlockMedium medium)
    {
        BlockRange range = BlockRange.Read(command.Cdb);
        long length = Math.Min((long)range.Count << medium.BlockShift, command.DataOut.Length);
        bool torn = (length & (medium.BlockLength - 1)) != 0;
        return new WritePiece((long)range.Address << medium.BlockShift, torn ? 0 : (int)length, torn, medium.Clock.GetTimestamp());
    }
}
