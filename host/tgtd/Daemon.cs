using System.Globalization;
using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;
using TgtModular.Core.Engine;
using TgtModular.Core.Plugins;
using TgtModular.Core.State;
using TgtModular.Daemon.Control;
using TgtModular.Daemon.Hosting;
using TgtModular.Daemon.Systemd;
using TgtModular.Daemon.Tgt;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket;
using TgtModular.TgtSocket.Serving;

namespace TgtModular.Daemon;

/// <summary>The life of the daemon: start, serve, apply the file when asked to, end in order.</summary>
internal sealed partial class Daemon
{
    /// <summary>What a stop may take beyond the stop timeout, for closing stores, before the process ends all the same.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(10);

    private readonly DaemonOptions _options;
    private readonly DaemonLogging _logging;
    private readonly ILogger _logger;
    private readonly string _stateDirectory;
    private readonly ConfigurationDocument _first;
    private Background? _background;

    private Daemon(DaemonOptions options, DaemonLogging logging)
    {
        _options = options;
        _logging = logging;
        _logger = logging.Factory.CreateLogger("tgtd");
        string defaultState = options.StateDirectory ?? DefaultStateDirectory(options.Tgt);
        _first = LoadConfiguration(defaultState);
        _stateDirectory = options.StateDirectory ?? _first.Preamble.StateDirectory ?? defaultState;
        ApplyDaemonOptions(_first.Preamble.Daemon);
    }

    private bool IsDemo => _options.ConfigurationFile is null && _options.Tgt is null;

    /// <summary>The configuration came from tgt's flags: what the management socket did since is not undone by SIGHUP.</summary>
    private bool IsFlagsOnly => _options.ConfigurationFile is null && _options.Tgt is not null;

    private int? TgtControlPort => _options.Tgt?.ControlPort ?? _first.Preamble.Daemon.TgtControlPort;

    /// <summary>Runs until a signal ends it.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(DaemonOptions options)
    {
        using Background? background = Background.IsChild ? Background.Enter() : null;
        using var logging = new DaemonLogging(syslog: background is not null);
        var daemon = new Daemon(options, logging) { _background = background };
        try
        {
            return await daemon.RunAsync();
        }
        catch (StartFailedException failure)
        {
            LogCannotStart(daemon._logger, failure.Message);
            return ExitStatus.Failed;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogCannotStart(daemon._logger, $"state directory {daemon._stateDirectory} cannot be used: {fault.Message}");
            return ExitStatus.Failed;
        }
    }

    private async Task<int> RunAsync()
    {
        if (_first.ReadProblems.Count > 0) return TellInvalid(_first.ReadProblems);
        using var signals = new Signals();
        using var notifier = new ServiceNotifier(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        using InstanceLock stateLock = InstanceLock.Take(Path.Combine(_stateDirectory, "tgtd.lock"), $"state directory {_stateDirectory}");
        using var suspects = new SuspectJournal(Path.Combine(_stateDirectory, "plugins", "suspects"));
        PluginCatalog catalog = ScanPlugins(suspects);
        var schemas = new PluginSource(catalog);
        ConfigurationResult bound = _first.Bind(schemas);
        if (bound.State is null) return TellInvalid(bound.Problems);

        DaemonSpec daemon = _first.Preamble.Daemon;
        var services = new EngineServices(schemas, _logging.Factory, TimeProvider.System, name => StateJournal.ForObject(_stateDirectory, name),
            new EngineLimits
            {
                WorkerThreads = daemon.WorkerThreads,
                BufferMemory = daemon.BufferMemory,
                MaximumTransferLength = daemon.MaximumTransferLength,
                MaximumCommands = daemon.MaximumCommands,
                ThreadsPerUnit = _options.Tgt?.Threads ?? new EngineLimits().ThreadsPerUnit,
            });
        TargetEngine engine = await TargetEngine.CreateAsync(services, signals.Stop);
        using var configuration = new ConfigurationService(engine, schemas, ApplyDaemonOptions, _logger);
        DaemonView Describe() => new(
            BuildVersion.Text, Environment.ProcessId, BuildVersion.Started, _stateDirectory, PluginDirectories, _options.ConfigurationFile,
            ControlJson.Name(_logging.Level), engine.LeasedBufferBytes, GC.GetTotalAllocatedBytes());
        string socket = _options.ControlSocket ?? daemon.ControlSocket ?? ControlPaths.SocketFor(_stateDirectory);
        ILogger controlLogger = _logging.Factory.CreateLogger("tgt.control");
        await using ControlServer control = await ControlServer.StartAsync(
            socket, new ControlContext(new RecordedControl(engine, controlLogger), schemas, catalog, configuration, Describe, controlLogger), _logging.Factory);
        using PluginWatcher? watcher = daemon.WatchPlugins
            ? new PluginWatcher(PluginDirectories, catalog.Rescan, TimeProvider.System, _logging.Factory.CreateLogger("tgt.plugins")) : null;
        ProcessIdFile? processId = null;
        try
        {
            if (!await StartServingAsync(engine, configuration, signals.Stop)) return signals.Stop.IsCancellationRequested ? ExitStatus.Ok : ExitStatus.Failed;
            await using ManagementServer? management = StartManagement(engine, schemas, signals);
            if (_options.Tgt?.ProcessIdFile is { } file) processId = ProcessIdFile.Write(file);
            TellReady(notifier, engine);
            if (_options.Hints) Console.WriteLine(Hints.For(engine.GetSnapshot(), socket));
            await using Watchdog? watchdog = Watchdog.Start(notifier, () => engine.GetSnapshot(), TimeProvider.System);
            await ServeAsync(engine, configuration, notifier, signals);
            return ExitStatus.Ok;
        }
        finally
        {
            notifier.Stopping();
            using (processId) await StopAsync(engine, configuration, signals);
        }
    }

    private static string DefaultStateDirectory(TgtOptions? tgt) => tgt is null or { ControlPort: 0 }
        ? ControlPaths.StateDirectory
        : Path.Combine(ControlPaths.StateDirectory, string.Create(CultureInfo.InvariantCulture, $"control-port-{tgt.ControlPort}"));

    /// <summary>tgt's management socket, where it is asked for.</summary>
    private ManagementServer? StartManagement(TargetEngine engine, PluginSource schemas, Signals signals)
    {
        if (TgtControlPort is not { } port) return null;
        ILogger logger = _logging.Factory.CreateLogger("tgt.socket");
        LogVerbosity usual = _logging.Level;
        void SetDebug(bool on) => _logging.Level = on ? LogVerbosity.Debug : usual;
        try
        {
            return ManagementServer.Start(
                ManagementSocketPath.For(port), new FaceContext(new RecordedControl(engine, logger), schemas, signals.RequestStop, SetDebug, logger));
        }
        catch (IOException fault)
        {
            throw new StartFailedException(fault.Message);
        }
    }

    private void TellReady(ServiceNotifier notifier, TargetEngine engine)
    {
        notifier.Ready(Summary(engine));
        _background?.TellReady();
    }

    private PluginCatalog ScanPlugins(SuspectJournal suspects)
    {
        PluginCatalog catalog = PluginCatalog.Scan(
            new PluginCatalogOptions(PluginDirectories, Path.Combine(_stateDirectory, "plugins", "copies"))
            {
                Suspects = suspects,
                RemoveUnusedCopies = true,
                CrashReportDirectory = CrashReports.Directory,
            },
            _logging.Factory.CreateLogger("tgt.plugins"));
        catalog.ContainThreadFaults();
        return catalog;
    }

    private IReadOnlyList<string> PluginDirectories => ConfigurationCheck.SearchPath(_options.PluginDirectories, _first.Preamble);

    private ConfigurationDocument LoadConfiguration(string stateDirectory) => IsFlagsOnly
        ? ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(_options.Tgt!.ToToml()), Path.Combine(stateDirectory, "flags.toml"))
        : IsDemo
        ? ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(Demo.Configuration(stateDirectory, _options.DemoPortal)),
            Path.Combine(stateDirectory, Demo.FileName))
        : ConfigurationDocument.Load(_options.ConfigurationFile!);

    private static int TellInvalid(IReadOnlyList<ConfigurationProblem> problems)
    {
        foreach (ConfigurationProblem problem in problems) Console.Error.WriteLine(problem);
        return ExitStatus.Invalid;
    }

    private void ApplyDaemonOptions(DaemonSpec daemon) => _logging.Level = _options.LogLevel ?? daemon.LogLevel;

    /// <summary>The first apply.</summary>
    /// <returns>False when nothing can be served, or a signal came first.</returns>
    private async Task<bool> StartServingAsync(TargetEngine engine, ConfigurationService configuration, CancellationToken stop)
    {
        ApplyOutcome outcome;
        try
        {
            outcome = await configuration.ApplyAsync(_first, prune: false, stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        EngineSnapshot now = engine.GetSnapshot();
        bool mute = now.Transports.Count == 0 && outcome.Steps.Any(step => step.Operation is StartTransport);
        if (mute || (IsDemo && !outcome.IsComplete))
        {
            string remedy = IsDemo ? "the demo disk cannot be served; another port is chosen with --portal 127.0.0.1:PORT"
                : "no transport could be started: nothing would be served";
            LogCannotStart(_logger, remedy);
            return false;
        }

        if (IsDemo) Console.WriteLine(Demo.Instructions(now.Stores[0].Spec.Options.RequireText("path"), now.Transports[0].Portals[0].Address));
        LogServing(_logger, BuildVersion.Text, Summary(engine));
        return true;
    }

    private async Task ServeAsync(TargetEngine engine, ConfigurationService configuration, ServiceNotifier notifier, Signals signals)
    {
        try
        {
            await foreach (bool _ in signals.Reloads)
            {
                if (IsFlagsOnly) continue;
                notifier.Reloading();
                LogApplying(_logger, _options.ConfigurationFile ?? Demo.FileName);
                bool whole = await TryApplyAsync(configuration, signals.Stop);
                notifier.Ready(whole ? Summary(engine) : $"{Summary(engine)}; the configuration was not applied whole, see the log");
            }
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    /// <summary>Applies the file as it is now.</summary>
    /// <returns>True when everything is as the file says.</returns>
    private async Task<bool> TryApplyAsync(ConfigurationService configuration, CancellationToken stop)
    {
        try
        {
            ApplyOutcome outcome = await configuration.ApplyAsync(LoadConfiguration(_stateDirectory), prune: false, stop);
            if (outcome.Plan is null) LogKept(_logger);
            else LogApplied(_logger, outcome.Steps.Count(step => step.Result.IsOk), outcome.Steps.Count);
            return outcome.IsComplete;
        }
#pragma warning disable CA1031 // Whatever goes wrong with a file, initiators are served on: a reload never ends the daemon.
        catch (Exception fault) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogApplyFault(_logger, fault);
            return false;
        }
    }

    private async Task StopAsync(TargetEngine engine, ConfigurationService configuration, Signals signals)
    {
        TimeSpan timeout = configuration.Current.Daemon.StopTimeout;
        LogStopping(_logger, timeout.TotalSeconds);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(signals.StopNow);
        deadline.CancelAfter(timeout);
        try
        {
            await engine.StopAsync(deadline.Token).AsTask().WaitAsync(timeout + CloseTimeout);
            await engine.DisposeAsync().AsTask().WaitAsync(CloseTimeout);
            LogStopped(_logger);
        }
        catch (TimeoutException)
        {
            throw new StartFailedException("a store, unit or transport did not close in time; the daemon ends without it");
        }
    }

    private static string Summary(TargetEngine engine)
    {
        EngineSnapshot now = engine.GetSnapshot();
        string where = string.Join(", ", now.Transports.SelectMany(transport => transport.Portals).Select(portal => portal.Address));
        return $"{now.Targets.Count} target{(now.Targets.Count == 1 ? "" : "s")} with {now.Units.Count} unit{(now.Units.Count == 1 ? "" : "s")}{(where.Length > 0 ? $" on {where}" : "")}";
    }

    [LoggerMessage(EventId = 510, Level = LogLevel.Critical, Message = "{Problem}")]
    private static partial void LogCannotStart(ILogger logger, string problem);

    [LoggerMessage(EventId = 511, Level = LogLevel.Information, Message = "tgtd {Version} serves {Summary}")]
    private static partial void LogServing(ILogger logger, string version, string summary);

    [LoggerMessage(EventId = 512, Level = LogLevel.Information, Message = "applying {File}")]
    private static partial void LogApplying(ILogger logger, string file);

    [LoggerMessage(EventId = 513, Level = LogLevel.Error, Message = "the file is not right: everything stays as it was")]
    private static partial void LogKept(ILogger logger);

    [LoggerMessage(EventId = 514, Level = LogLevel.Information, Message = "applied: {Done} of {All} operations done")]
    private static partial void LogApplied(ILogger logger, int done, int all);

    [LoggerMessage(EventId = 515, Level = LogLevel.Information, Message = "ending; sessions have {Seconds} s")]
    private static partial void LogStopping(ILogger logger, double seconds);

    [LoggerMessage(EventId = 517, Level = LogLevel.Error, Message = "the file could not be applied, this is a fault of tgtd: what is served is served on")]
    private static partial void LogApplyFault(ILogger logger, Exception fault);

    [LoggerMessage(EventId = 516, Level = LogLevel.Information, Message = "ended in order")]
    private static partial void LogStopped(ILogger logger);
}
