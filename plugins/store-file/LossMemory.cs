namespace TgtModular.Stores;

/// <summary>
/// The memory that data could not be made stable. When Linux cannot write a dirty page it reports this once, marks the page clean, and calls the next
/// fdatasync a success although the data are gone: so the first failure stays until the store is opened anew.
/// </summary>
/// <param name="report">Told the errno of each failure.</param>
internal sealed class LossMemory(Action<int> report)
{
    private volatile bool _isLost;

    /// <summary>True once data could not be made stable.</summary>
    public bool IsLost => _isLost;

    /// <summary>Data could not be made stable.</summary>
    public void Lose(int error)
    {
        _isLost = true;
        report(error);
    }
}
