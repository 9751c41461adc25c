using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>A factory of a plugin.</summary>
/// <param name="Factory">The factory.</param>
/// <param name="PluginName">Name of its plugin.</param>
/// <param name="Version">Version of its plugin.</param>
/// <param name="Concurrency">How calls into it may overlap; the engine keeps to it.</param>
public sealed record ResolvedFactory<TFactory>(
    TFactory Factory, string PluginName, string Version, PluginConcurrency Concurrency = PluginConcurrency.Parallel)
{
    private readonly Func<IDisposable>? _enter;

    /// <summary>Marks calls that make or start something of the plugin, so that one that ends the process is known at the next start.</summary>
    public Func<IDisposable>? Enter
    {
        init => _enter = value;
    }

    /// <summary>Begins such a call; dispose the result when it has returned.</summary>
    public IDisposable? EnterCall() => _enter?.Invoke();
}

/// <summary>Where the engine gets plugins from.</summary>
public interface IPluginSource
{
    /// <summary>Finds a factory and loads its plugin.</summary>
    /// <param name="kind">Kind of export.</param>
    /// <param name="reference">Its name, optionally with a version.</param>
    /// <param name="problem">With a null result: why there is none, and what to do.</param>
    ResolvedFactory<TFactory>? Resolve<TFactory>(PluginKind kind, PluginReference reference, out string problem)
        where TFactory : class;

    /// <summary>A plugin is asked nothing any more; comes on whatever thread found that out. A source whose plugins cannot be fenced has none.</summary>
    event Action<PluginStatus> Fenced
    {
        add { }
        remove { }
    }

    /// <summary>Asks a plugin nothing any more, and says so by <see cref="Fenced"/>. A source whose plugins cannot be fenced says no.</summary>
    bool Fence(PluginStatus plugin, string cause) => false;

    /// <summary>Serves a plugin no more. A source whose plugins cannot be removed says no.</summary>
    bool Forget(PluginStatus plugin) => false;

    /// <summary>All plugins found.</summary>
    IReadOnlyList<PluginStatus> GetPlugins();
}

/// <summary>Limits of the engine; constant while it runs.</summary>
public sealed record EngineLimits
{
    /// <summary>Threads for stores that block.</summary>
    public int WorkerThreads { get; init; } = 64;

    /// <summary>Blocking commands of one unit at a time.</summary>
    public int ThreadsPerUnit { get; init; } = 16;

    /// <summary>Most bytes in data buffers.</summary>
    public long BufferMemory { get; init; } = 128L << 20;

    /// <summary>Most bytes of data in one command.</summary>
    public int MaximumTransferLength { get; init; } = 32 << 20;

    /// <summary>Most bytes of data buffers that the commands of one nexus may hold: half of all, and room for one command at least.</summary>
    public long MaximumNexusMemory => Math.Max(BufferMemory / 2, 2L * MaximumTransferLength);

    /// <summary>How long an operation may wait for commands of a plugin to end before it is answered.</summary>
    public TimeSpan EndLimit { get; init; } = PluginCalls.Limit;

    /// <summary>Most commands one nexus may have in flight.</summary>
    public int MaximumCommands { get; init; } = 128;
}

/// <summary>What the engine is built on.</summary>
/// <param name="Plugins">Plugins.</param>
/// <param name="Loggers">Loggers.</param>
/// <param name="Clock">Clock.</param>
/// <param name="Journals">The journal of an object, by a name such as <c>unit/db</c>.</param>
/// <param name="Limits">Limits.</param>
public sealed record EngineServices(
    IPluginSource Plugins, ILoggerFactory Loggers, TimeProvider Clock, Func<string, IStateJournal> Journals, EngineLimits Limits);
