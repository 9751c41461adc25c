namespace TgtModular.Interop.Fuzz;

/// <summary>What the target has taken in so far; of a connection that it closed only what it is known to have read counts.</summary>
internal sealed class FuzzTally
{
    private long _beforeLogin;
    private long _afterLogin;
    private long _passingHeader;

    public long BeforeLogin => Interlocked.Read(ref _beforeLogin);

    public long AfterLogin => Interlocked.Read(ref _afterLogin);

    public long PassingHeader => Interlocked.Read(ref _passingHeader);

    public long Total => BeforeLogin + AfterLogin;

    public void Add(IEnumerable<FuzzPdu> pdus, bool afterLogin)
    {
        int count = 0;
        int passing = 0;
        foreach (FuzzPdu pdu in pdus)
        {
            count++;
            passing += pdu.PassesHeader ? 1 : 0;
        }

        _ = Interlocked.Add(ref afterLogin ? ref _afterLogin : ref _beforeLogin, count);
        _ = Interlocked.Add(ref _passingHeader, passing);
    }

    public override string ToString() => $"{BeforeLogin} PDUs before login, {AfterLogin} after, {PassingHeader} past header validation";
}
