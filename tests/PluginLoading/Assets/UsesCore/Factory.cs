using TgtModular.Core.Plugins;
using TgtModular.Plugins;

namespace Assets;

[ExportStore("uses-core")]
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => typeof(PluginCatalog).FullName!;
}
