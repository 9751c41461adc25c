using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;
using TgtModular.Core.Plugins;
using TgtModular.Daemon.Hosting;

namespace TgtModular.Daemon.Control;

/// <summary>What the control API works on.</summary>
internal sealed record ControlContext(IEngineControl Engine, ISchemaSource Schemas, PluginCatalog Catalog, ConfigurationService Configuration, Func<DaemonView> Describe,
    ILogger Logger);

/// <summary>HTTP with JSON on a Unix socket that only the daemon's user can open.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>The kernel's limit (sun_path), less the NUL.</summary>
    private const int MaximumPathLength = 107;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const long MaximumRequestLength = ConfigurationDocument.MaximumSize * 2;

    private readonly WebApplication _application;
    private readonly InstanceLock _lock;
    private readonly string _path;

    private ControlServer(WebApplication application, InstanceLock socketLock, string path)
    {
        _application = application;
        _lock = socketLock;
        _path = path;
    }

    /// <summary>Serves.</summary>
    /// <exception cref="StartFailedException">The socket belongs to another daemon, or cannot be made.</exception>
    public static async Task<ControlServer> StartAsync(string path, ControlContext context, ILoggerFactory loggers)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaximumPathLength)
            throw new StartFailedException($"{path}: too long for a socket, {MaximumPathLength} bytes at most; choose another with --control-socket");
        InstanceLock socketLock = InstanceLock.Take(path + ".lock", $"control socket {path}");
        try
        {
            RemoveStale(path);
            WebApplication application = Build(path, context, loggers);
            await application.StartAsync();
            File.SetUnixFileMode(path, OwnerOnly);
            return new ControlServer(application, socketLock, path);
        }
        catch (Exception fault) when (fault is IOException or SocketException or UnauthorizedAccessException)
        {
            socketLock.Dispose();
            throw new StartFailedException($"control socket {path}: {fault.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var quickly = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(quickly.Token);
        await _application.DisposeAsync();
        File.Delete(_path);
        _lock.Dispose();
    }

    /// <summary>The lock is ours: a socket that is there belongs to a daemon that died.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new StartFailedException($"something else listens on control socket {path}; choose another with --control-socket");
    }

    private static WebApplication Build(string path, ControlContext context, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _ = builder.Services.AddSingleton(loggers).AddSingleton<IHostLifetime, NoLifetime>().AddRoutingCore();
        _ = builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaximumRequestLength;
            options.Limits.MaxConcurrentConnections = 64;
            options.ListenUnixSocket(path);
        });
        WebApplication application = builder.Build();
        ControlApi.Map(application, context);
        return application;
    }

    /// <summary>Signals are the daemon's affair.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
