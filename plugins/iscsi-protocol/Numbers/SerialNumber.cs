namespace TgtModular.Iscsi.Protocol.Numbers;

/// <summary>
/// Serial number arithmetic of 32 bits (RFC 1982, as RFC 7143 section 4.2.2 asks for CmdSN, StatSN and DataSN). Numbers exactly
/// 2^31 apart have no order: neither is less.
/// </summary>
public static class SerialNumber
{
    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A number.</param>
    public static bool IsLess(uint left, uint right)
    {
        uint distance = right - left;
        return distance is not 0 and < 0x8000_0000;
    }

    /// <summary>Whether <paramref name="left"/> comes before or equals <paramref name="right"/>.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A number.</param>
    public static bool IsLessOrEqual(uint left, uint right) => left == right || IsLess(left, right);

    /// <summary>The later of two numbers; <paramref name="left"/> if they have no order.</summary>
    /// <param name="left">A number.</param>
    /// <param name="right">A number.</param>
    public static uint Max(uint left, uint right) => IsLess(left, right) ? right : left;
}
