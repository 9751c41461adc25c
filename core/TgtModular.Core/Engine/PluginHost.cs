using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Core.Buffers;
using TgtModular.Core.Threading;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>Services for one object of a plugin.</summary>
internal sealed record PluginHost(ILogger Logger, TimeProvider Clock, IStateJournal Journal, IBufferPool Buffers, IWorkerPool Workers, Meter Meter)
    : IPluginHost, IDisposable
{
    public void Dispose() => Meter.Dispose();
}

/// <summary>Makes them.</summary>
internal sealed class PluginHosts(EngineServices services, BufferPool buffers, WorkerPool workers)
{
    /// <summary>Services of an object.</summary>
    /// <param name="kind">store, unit or transport.</param>
    /// <param name="name">Its name in the configuration.</param>
    public PluginHost Create(string kind, string name) => new(
        services.Loggers.CreateLogger($"tgt.{kind}.{name}"),
        services.Clock,
        services.Journals($"{kind}/{name}"),
        buffers,
        workers,
        new Meter($"tgt.{kind}", null, [new KeyValuePair<string, object?>("name", name)]));
}
