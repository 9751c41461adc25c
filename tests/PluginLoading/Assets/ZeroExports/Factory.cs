namespace Assets;

/// <summary>Without its attribute.</summary>
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => "";
}
