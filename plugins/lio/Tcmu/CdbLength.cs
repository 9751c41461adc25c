using TgtModular.Scsi;

namespace TgtModular.Lio.Tcmu;

/// <summary>How long a CDB is: the ring does not say, its operation code does (SPC-5 section 4.2.5.1).</summary>
internal static class CdbLength
{
    /// <summary>Bytes of the group that has the fewest.</summary>
    public const int Shortest = 6;

    /// <summary>Bytes before the additional length is known.</summary>
    public const int VariableHeaderLength = 8;

    private const int AdditionalLengthIndex = 7;

    /// <summary>Bytes of each group (bits 7 to 5); for the vendor's groups and the reserved one those that the kernel copies.</summary>
    private static ReadOnlySpan<byte> Groups => [6, 10, 10, 12, 16, 12, 10, 10];

    /// <summary>Bytes of the CDB that begins so.</summary>
    /// <param name="start">At least one byte, and <see cref="VariableHeaderLength"/> of a variable length CDB.</param>
    public static int Of(ReadOnlySpan<byte> start) => start[0] == OpCode.VariableLength
        ? VariableHeaderLength + start[AdditionalLengthIndex]
        : Groups[start[0] >> 5];
}
