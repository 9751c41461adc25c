using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Configuration;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Storage;

// A daemon reduced to its catalog: Probe PLUGINS COPIES JOURNAL, then one command a line on standard input, one answer a line on standard output.
using var suspects = new SuspectJournal(args[2]);
PluginCatalog catalog = PluginCatalog.Scan(new PluginCatalogOptions([args[0]], args[1]) { Suspects = suspects }, NullLogger.Instance);
catalog.ContainThreadFaults();
catalog.Fenced += plugin => Console.WriteLine($"fenced {plugin.Name}: {plugin.Cause}");
Console.WriteLine("ready");
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split(' ');
    PluginResolution<IStoreFactory> resolution = catalog.Resolve<IStoreFactory>(new PluginReference(words[1]));
    if (!resolution.Success)
    {
        Console.WriteLine(resolution.Problem);
        continue;
    }

    if (words[0] == "ask") Console.WriteLine(resolution.Factory.Options.Definitions[0].Help);
    if (words[0] == "open") await OpenAsync(resolution.Factory, resolution.Plugin, words[2]);
}

async Task OpenAsync(IStoreFactory factory, PluginInfo plugin, string name)
{
    using IDisposable call = catalog.EnterCall(plugin);
    try
    {
        await factory.OpenAsync(new StoreOpenContext(name, OptionValues.Empty, null!, null!, []), CancellationToken.None);
    }
    catch (StoreOpenException refusal)
    {
        Console.WriteLine(refusal.Message);
    }
}
