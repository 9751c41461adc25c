namespace TgtModular.Scsi.Primary;

/// <summary>CDB usage masks written as the standards draw them: hexadecimal bytes, spaces where a field ends.</summary>
public static class CdbMask
{
    /// <summary>The bytes of a mask such as <c>"28 18 FFFFFFFF 1F FFFF 00"</c>.</summary>
    /// <exception cref="FormatException">The text is not hexadecimal.</exception>
    public static byte[] Of(string hexadecimal)
    {
        ArgumentNullException.ThrowIfNull(hexadecimal);
        return Convert.FromHexString(hexadecimal.Replace(" ", "", StringComparison.Ordinal));
    }
}
