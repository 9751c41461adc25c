namespace TgtModular.Core.Stores;

/// <summary>What a receive loop relies on when it asks a store to do something at once or not at all.</summary>
internal sealed class ImmediatePromise
{
    private bool _isBroken;

    /// <summary>Such a call did not return: it is not asked any more, and the store is used like any other whose calls block.</summary>
    public bool IsBroken
    {
        get => Volatile.Read(ref _isBroken);
        set => Volatile.Write(ref _isBroken, value);
    }
}
