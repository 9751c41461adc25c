using TgtModular.Buffers;

namespace TgtModular.Iscsi.Tasks;

/// <summary>Where the data segment of a PDU goes: first into <see cref="Destination"/>, the rest is thrown away.</summary>
/// <param name="Transfer">The transfer it belongs to; null when all of it is thrown away.</param>
/// <param name="Destination">Room for its first bytes.</param>
internal readonly record struct DataOutSink(DataOutTransfer? Transfer, DataSlice Destination)
{
    /// <summary>Nobody wants it.</summary>
    public static DataOutSink Discard => default;
}
