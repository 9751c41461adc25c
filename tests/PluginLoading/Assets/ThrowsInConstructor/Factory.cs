using TgtModular.Plugins;

namespace Assets;

[ExportStore("throws-constructor")]
public sealed class Factory : FakeStoreFactory
{
    public Factory() => throw new InvalidOperationException("the constructor does not like it here");

    protected override string Answer() => "";
}
