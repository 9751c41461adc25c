using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TgtModular.Benchmarks.Compare;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Benchmarks.Targets;

/// <summary>A daemon that is started here, in a directory of its own, and killed at the end.</summary>
internal abstract class DaemonTarget : TestTarget
{
    /// <summary>Name of the one target.</summary>
    protected const string TargetName = "iqn.2026-11.bench:t";

    /// <summary>Name of the target for sessions with digests.</summary>
    protected virtual string DigestTargetName => TargetName;

    /// <summary>LUN of <see cref="StoreKind.Device"/>.</summary>
    protected const int DeviceLun = 4;

    /// <summary>LUN of the first of <see cref="StoreKind.Spread"/>.</summary>
    protected const int FirstSpreadLun = 100;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly List<string> _log = [];
    private Process? _process;

    protected DaemonTarget(BenchData data, bool spread)
    {
        Data = data;
        Spread = spread;
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Portal = (IPEndPoint)socket.LocalEndPoint!; // free a moment ago
    }

    /// <summary>What is served.</summary>
    protected BenchData Data { get; }

    /// <summary>True when the many units are wanted.</summary>
    protected bool Spread { get; }

    /// <summary>Where it listens.</summary>
    protected IPEndPoint Portal { get; }

    public override TargetAddress? AddressOf(StoreKind store, bool digests) =>
        LunOf(store) is { } lun ? new TargetAddress(Portal, digests ? DigestTargetName : TargetName, lun) : null;

    public override void Dispose()
    {
        base.Dispose();
        if (_process is null) return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>The LUN of a store; null when there is none such.</summary>
    protected abstract int? LunOf(StoreKind store);

    /// <summary>Starts the program and waits until it listens.</summary>
    protected async Task LaunchAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new BenchmarkException($"{Name}: {start.FileName} does not start");
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await UntilAsync(async () =>
        {
            using TcpClient client = new();
            await client.ConnectAsync(Portal);
        });
    }

    /// <summary>The process is as it is to be measured.</summary>
    protected void Started() => Observe(_process!.Id);

    /// <summary>Tries until it does not throw, as long as the daemon lives.</summary>
    protected async Task UntilAsync(Func<Task> attempt)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception failure) when (failure is SocketException or BenchmarkException)
            {
                if (_process!.HasExited || Stopwatch.GetElapsedTime(began) > StartLimit) throw new BenchmarkException($"{Name} does not come up: {failure.Message}\n{Tail()}");
                await Task.Delay(50);
            }
        }
    }

    private void Note(string? line)
    {
        if (line is null) return;
        lock (_log) _log.Add(line);
    }

    private string Tail()
    {
        lock (_log) return string.Join('\n', _log.TakeLast(20));
    }
}
