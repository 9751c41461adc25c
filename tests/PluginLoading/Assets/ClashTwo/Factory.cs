using TgtModular.Plugins;

namespace Assets;

[ExportStore("clash-two")]
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => Dependency.TwoOnly();
}
