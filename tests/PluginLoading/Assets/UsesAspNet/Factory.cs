using Microsoft.AspNetCore.Http;
using TgtModular.Plugins;

namespace Assets;

[ExportStore("uses-aspnet")]
public sealed class Factory : FakeStoreFactory
{
    protected override string Answer() => typeof(HttpContext).FullName!;
}
