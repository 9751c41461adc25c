using System.Reflection;
using TgtModular.Plugins;

namespace Assets;

[ExportStore("good")]
public sealed class GoodFactory : FakeStoreFactory
{
    protected override string Answer() => Assembly.GetExecutingAssembly().GetName().Version!.ToString(3);
}
