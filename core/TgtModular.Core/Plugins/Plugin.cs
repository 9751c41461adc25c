using System.Runtime.Loader;

namespace TgtModular.Core.Plugins;

/// <summary>One plugin of the catalog: what is known of it, and its code once it was loaded.</summary>
internal sealed class Plugin
{
    private readonly Lock _loading = new();
    private readonly Lock _changing = new();
    private readonly PluginManifest? _manifest;
    private readonly AssemblyInspection? _inspection;
    private readonly string _copy;
    private volatile PluginInfo _info;
    private IReadOnlyDictionary<PluginExport, object>? _factories;

    private Plugin(PluginInfo info, PluginManifest? manifest, string copy, AssemblyInspection? inspection)
    {
        _info = info;
        _manifest = manifest;
        _copy = copy;
        _inspection = inspection;
    }

    /// <summary>What is known of it now.</summary>
    public PluginInfo Info => _info;

    /// <summary>Its manifest; null when it cannot be read.</summary>
    public PluginManifest? Manifest => _manifest;

    /// <summary>True when its folder was taken up: it counts when a reference is resolved, also when it failed later.</summary>
    public bool IsTakenUp => _inspection is not null;

    /// <summary>What its folder looked like when it was taken up; null when that is not known.</summary>
    public string? FolderMark { get; set; }

    /// <summary>Its context; null until it is loaded.</summary>
    public AssemblyLoadContext? LoadContext { get; private set; }

    /// <summary>True when a frame is of its code; a library that several plugins brought along may be of each of them.</summary>
    public bool Owns(CrashFrame frame) =>
        _inspection is not null && (frame.Module is { } module
            ? _inspection.Modules.Contains(module)
            : _manifest!.Files.Any(file => Path.GetFileName(file.Path) == frame.NativeFile));

    /// <summary>What the suspect journal calls it: another content is another plugin.</summary>
    public string JournalKey => $"{_info} {_info.ContentHash}";

    /// <summary>A folder that was refused.</summary>
    public static Plugin Refused(string directory, PluginManifest? manifest, PluginFailure failure) => new(
        Describe(directory, manifest) with { State = PluginState.Failed, Cause = failure.Cause, Remedy = failure.Remedy }, manifest, "", null);

    /// <summary>A folder that was taken up.</summary>
    public static Plugin TakenUp(string directory, PluginManifest manifest, string contentHash, string copy, AssemblyInspection inspection) => new(
        Describe(directory, manifest) with { ContentHash = contentHash, PrivateCopy = copy, Warnings = inspection.Warnings }, manifest, copy, inspection);

    /// <summary>Changes what is known of it.</summary>
    public void Change(Func<PluginInfo, PluginInfo> change)
    {
        lock (_changing) _info = change(_info);
    }

    /// <summary>Marks it, unless something is held against it already.</summary>
    /// <returns>False when something was.</returns>
    public bool Fail(PluginState state, PluginFailure failure)
    {
        lock (_changing)
        {
            if (!_info.IsServed) return false;
            _info = _info with { State = state, Cause = failure.Cause, Remedy = failure.Remedy };
            return true;
        }
    }

    /// <summary>True when objects of its code may exist: a loaded assembly is not taken out of the process again.</summary>
    public bool IsInProcess => _info.State is PluginState.Loaded or PluginState.Fenced;

    /// <summary>Ends a plugin that nothing can have been made of; nothing new is made of it.</summary>
    /// <returns>False when objects of it may exist.</returns>
    public bool TryRetire()
    {
        lock (_loading)
        {
            if (IsInProcess) return false;
            _ = Fail(PluginState.Failed, new PluginFailure("its folder was taken away or replaced", "ask again"));
            return true;
        }
    }

    /// <summary>The factory of an export; loads the code when that was not done. Null when the plugin is not served.</summary>
    public object? GetFactory(PluginExport export, PluginLoadServices services)
    {
        lock (_loading)
        {
            if (_info.IsServed && _factories is null) Load(services);
            return _info.IsServed ? _factories?.GetValueOrDefault(export) : null;
        }
    }

    /// <summary>On a thread of its own: a constructor that never returns must not take the caller along.</summary>
    private void Load(PluginLoadServices services)
    {
        PluginFailure? failure = null;
        IReadOnlyDictionary<PluginExport, object>? factories = null;
        var thread = new Thread(() => failure = TryCompose(services, out factories)) { IsBackground = true, Name = $"load {_info.Name}" };
        thread.Start();
        if (!thread.Join(services.Timeout))
        {
            Fail(PluginState.Failed, new PluginFailure($"it did not finish loading in {services.Timeout.TotalSeconds} s", "a constructor of its factories hangs"));
        }
        else if (failure is not null)
        {
            Fail(PluginState.Failed, failure);
        }
        else
        {
            _factories = factories;
            Change(info => info.IsServed ? info with { State = PluginState.Loaded } : info);
        }
    }

    private PluginFailure? TryCompose(PluginLoadServices services, out IReadOnlyDictionary<PluginExport, object>? factories)
    {
        factories = null;
        List<string> trespasses = [];
        try
        {
            using IDisposable? call = services.Suspects?.Enter(JournalKey);
            LoaderPluginContext context = CreateContext(services, trespasses);
            LoadContext = context.LoadContext;
            factories = PluginComposition.Compose(context.LoadEntryAssembly(), _manifest!);
            return null;
        }
        catch (PluginLoadException fault)
        {
            return new PluginFailure(fault.Message, fault.Remedy);
        }
        catch (Exception fault)
        {
            string trespass = string.Concat(trespasses.Select(name => $"plugin {_info.Name} uses host assembly {name}; "));
            return new PluginFailure(trespass + PluginFaults.Describe(fault), "see the plugin's own manual, or ask its author");
        }
    }

    private LoaderPluginContext CreateContext(PluginLoadServices services, List<string> trespasses)
    {
        var gate = new HostGate(services.Host, name =>
        {
            lock (trespasses) trespasses.Add(name);
            string warning = $"plugin {_info.Name} uses host assembly {name}";
            Change(info => info.Warnings.Contains(warning) ? info : info with { Warnings = [.. info.Warnings, warning] });
            services.ReportTrespass(_info, name);
        });
        return new LoaderPluginContext(Path.Combine(_copy, _manifest!.Assembly), _inspection!.OwnNames, gate);
    }

    private static PluginInfo Describe(string directory, PluginManifest? manifest) => manifest is null
        ? new PluginInfo(directory, Path.GetFileName(directory), null, [], PluginState.Available)
        : new PluginInfo(directory, manifest.Name, manifest.Version, manifest.Exports, PluginState.Available)
        {
            Contract = manifest.Contract,
            Concurrency = manifest.Concurrency,
            License = manifest.License,
        };
}

/// <summary>What loading needs.</summary>
/// <param name="Host">Assemblies of this process.</param>
/// <param name="Suspects">Where calls are marked; null for nowhere.</param>
/// <param name="Timeout">How long loading may take.</param>
/// <param name="ReportTrespass">Told when a plugin asks for an assembly of the host.</param>
internal sealed record PluginLoadServices(HostAssemblies Host, SuspectJournal? Suspects, TimeSpan Timeout, Action<PluginInfo, string> ReportTrespass);
