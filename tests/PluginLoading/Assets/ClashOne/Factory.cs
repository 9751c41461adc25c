using TgtModular.Plugins;

namespace Assets;

[ExportStore("clash-one")]
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => Dependency.OneOnly();
}
