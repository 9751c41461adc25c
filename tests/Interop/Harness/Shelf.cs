using System.Net;
using System.Net.Sockets;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Harness;

/// <summary>A daemon with stores of the plugin store-shelf, of which two versions lie side by side or one after the other.</summary>
internal sealed class Shelf : IAsyncDisposable
{
    public const string Plugin = "store-shelf";
    public const string Old = "1.0.0";
    public const string New = "1.1.0";

    private const int SizeMiB = 32;
    private static readonly TimeSpan ToolLimit = TimeSpan.FromSeconds(60);

    private readonly int _port = TargetDaemon.FreePort();

    private Shelf()
    {
        Plugins = Directory.File("plugins");
        OutsidePlugin.PrivateDirectory(Plugins);
    }

    public TempDirectory Directory { get; } = new();

    public string Plugins { get; }

    public TargetDaemon Daemon { get; private set; } = null!;

    /// <summary>Starts it with the old version.</summary>
    /// <param name="type">Type of the store that is there.</param>
    /// <param name="veiled">With a filter over it, of the same plugin.</param>
    public static async Task<Shelf> StartAsync(string type = "shelf", bool veiled = false)
    {
        Shelf shelf = new();
        try
        {
            await shelf.DropInAsync(Old);
            shelf.Daemon = await TargetDaemon.StartAsync(shelf.Directory, shelf.Toml(type, veiled));
            return shelf;
        }
        catch
        {
            shelf.Directory.Dispose();
            throw;
        }
    }

    /// <summary>Where the data are; files beside it tell a version how to behave.</summary>
    public string Image => Directory.File("shelf.img");

    /// <summary>Its disk; LUN 2 is one of the daemon's own plugins.</summary>
    public TargetAddress Address => new(new IPEndPoint(IPAddress.Loopback, _port), DiskConfiguration.TargetName, 1);

    private string Socket => Path.Combine(Directory.File("state"), "control.sock");

    /// <summary>Puts a version into a folder of its own, and has the daemon take it up.</summary>
    public Task DropInAsync(string version) => OutsidePlugin.DropInAsync(version, Path.Combine(Plugins, version), Plugin);

    /// <summary>Both versions, known to the daemon.</summary>
    public async Task AddNewAsync()
    {
        await DropInAsync(New);
        await MustAsync("plugin", "rescan");
    }

    public Task<ToolResult> RunAsync(params string[] arguments) =>
        Tool.RunAsync(Path.Combine(Repository.Tree, "tgtctl"), [.. arguments, "--socket", Socket], ToolLimit);

    public async Task<string> MustAsync(params string[] arguments) => (await RunAsync(arguments)).MustSucceed();

    /// <summary>As <c>tgtctl plugin rescan</c>, for those who want it often.</summary>
    public async Task RescanAsync()
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                System.Net.Sockets.Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient client = new(handler);
        using HttpResponseMessage answer = await client.PostAsync(new Uri("http://tgtd/v1/plugins/rescan"), null);
        Assert.IsTrue(answer.IsSuccessStatusCode, $"{answer}");
    }

    /// <summary>State of the plugin's versions, as <c>1.0.0 loaded</c>.</summary>
    public async Task<string[]> StatesAsync()
    {
        using var views = System.Text.Json.JsonDocument.Parse(await MustAsync("plugin", "show", Plugin, "--json"));
        return [.. views.RootElement.EnumerateArray().Select(view => $"{view.GetProperty("version").GetString()} {view.GetProperty("state").GetString()}")];
    }

    /// <summary>The version that serves a store.</summary>
    public async Task<string> VersionAsync(string store = "shelf")
    {
        string text = await MustAsync("store", "show", store, "--output", "json");
        return System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("plugin_version").GetString()!;
    }

    /// <summary>A session; not one of the load's, which would end each other.</summary>
    /// <param name="lun">Of which unit.</param>
    public Session Open(int lun = 1) => Session.Open(Address with { Lun = lun }, new LoginWishes { InitiatorName = "iqn.2026-11.org.tgtmodular.test:witness" });

    public async ValueTask DisposeAsync()
    {
        await Daemon.DisposeAsync();
        Directory.Dispose();
    }

    private string Toml(string type, bool veiled) => $$"""
        state_directory = "{{Directory.File("state")}}"
        plugin_directories = ["{{Plugins}}"]

        [daemon]
        watch_plugins = false

        [transport.iscsi]
        listen = ["127.0.0.1:{{_port}}"]

        [store.shelf]
        type = "{{type}}"
        path = "{{Image}}"
        size = "{{SizeMiB}}MiB"

        {{(veiled ? "[store.veil]\ntype = \"veil\"\nover = \"shelf\"\n" : "")}}
        [unit.u1]
        device = "sbc"
        store = "{{(veiled ? "veil" : "shelf")}}"

        [store.other]
        type = "memory"
        size = "1MiB"

        [unit.u2]
        device = "sbc"
        store = "other"

        [[target]]
        iscsi.name = "{{DiskConfiguration.TargetName}}"
        access = { addresses = ["127.0.0.0/8"] }
        luns = [{ number = 1, unit = "u1" }, { number = 2, unit = "u2" }]

        """;
}
