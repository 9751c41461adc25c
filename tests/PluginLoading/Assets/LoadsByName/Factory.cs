using System.Reflection;
using TgtModular.Plugins;

namespace Assets;

/// <summary>Asks for assemblies by name, which no check of references can see; one line for each with what it got.</summary>
[ExportStore("loads-by-name")]
public sealed class Factory : FakeStoreFactory
{
    private static readonly string[] Types =
    [
        "TgtModular.Core.Plugins.PluginCatalog, TgtModular.Core",
        "TgtModular.Core.Plugins.PluginCatalog, TgtModular.Core, Version=0.1.0.0",
        "TgtModular.Core.Plugins.PluginCatalog, TgtModular.Core, Version=65535.65535.65535.65535",
        "Microsoft.AspNetCore.Http.HttpContext, Microsoft.AspNetCore.Http.Abstractions",
        "Nothing.At.All, Assembly.That.Is.Nowhere",
        "System.Text.Json.JsonDocument, System.Text.Json",
        "TgtModular.Storage.IStoreFactory, TgtModular.Abstractions",
        "Assets.Factory, LoadsByName",
    ];

    protected override string Answer() => string.Join('\n', Types.Select(Ask));

    private static string Ask(string name)
    {
        try
        {
            string[] parts = name.Split(", ", 2);
            return Assembly.Load(parts[1]).GetType(parts[0], throwOnError: true)!.Name;
        }
        catch (Exception fault)
        {
            return fault.GetType().Name;
        }
    }
}
