using System.Runtime.Loader;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Assets;

[ExportStore("ships-abstractions")]
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => AssemblyLoadContext.GetLoadContext(typeof(IStoreFactory).Assembly)!.Name!;
}
