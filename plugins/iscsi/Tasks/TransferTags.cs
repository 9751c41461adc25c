using TgtModular.Iscsi.Protocol.Numbers;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tasks;

/// <summary>Target Transfer Tags of a connection, in ascending order, so that a stale one can be told from one that never was.</summary>
internal sealed class TransferTags
{
    private uint _last;

    /// <summary>The next tag; never <see cref="BasicHeader.ReservedTag"/>. Any thread.</summary>
    public uint Take()
    {
        uint tag = Interlocked.Increment(ref _last);
        return tag == BasicHeader.ReservedTag ? Take() : tag;
    }

    /// <summary>True when <paramref name="tag"/> may have been given out on this connection.</summary>
    public bool WasIssued(uint tag)
    {
        uint last = Volatile.Read(ref _last);
        return tag != 0 && tag != BasicHeader.ReservedTag && SerialNumber.IsLessOrEqual(tag, last);
    }
}
