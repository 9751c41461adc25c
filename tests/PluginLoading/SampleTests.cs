using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using TgtModular.Buffers;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.PluginLoading.Tests;

/// <summary>The sample plugin, built and dropped in as somebody outside this project does it: with the SDK folder of the tree and nothing else.</summary>
[TestClass]
public sealed class SampleTests
{
    private static readonly Outsider Author = new();
    private static string? _built;
    private static string _problem = "";

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [ClassInitialize]
    public static void Build(TestContext context)
    {
        _ = context;
        string directory = Directory.CreateDirectory(Path.Combine(Author.Home, "store-http")).FullName;
        string source = Path.Combine(Sandbox.Repository, "sdk/docs/samples/store-http");
        foreach (string file in Directory.GetFiles(source)) File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        (int status, string output) = Author.Build(directory);
        if (status == 0) _built = directory;
        else _problem = output;
    }

    [ClassCleanup]
    public static void Remove() => Author.Dispose();

    [TestMethod]
    public void Sample_BuiltOutside_CarriesNothingShared()
    {
        string[] files = [.. Directory.GetFiles(Built()).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

        Assert.AreSequenceEqual(["plugin.toml", "store-http.deps.json", "store-http.dll", "store-http.pdb"], files);
    }

    [TestMethod]
    public async Task Sample_DroppedIn_ReadsAFileFromAWebServer()
    {
        using var sandbox = new Sandbox();
        await using var server = await WebFile.StartAsync(1 << 20, Token);
        await using IBlockStore store = await OpenAsync(sandbox, server.Url, new RecordingStoreObserver());

        byte[] read = new byte[5000];
        Assert.AreEqual(1 << 20, store.Length);
        Assert.AreEqual(StorageStatus.Ok, (await store.ReadAsync(123_456, DataBuffer.Wrap(read).Slice(), Token)).Status);
        Assert.IsTrue(read.AsSpan().SequenceEqual(server.Content.AsSpan(123_456, 5000)));
        Assert.AreEqual(StorageStatus.OutOfRange, (await store.ReadAsync((1 << 20) - 4999, DataBuffer.Wrap(read).Slice(), Token)).Status);
        Assert.AreEqual(StorageStatus.ReadOnly, (await store.WriteAsync(0, DataBuffer.Wrap(read).Slice(), WriteOptions.None, Token)).Status);
    }

    [TestMethod]
    public async Task Sample_FileReplacedOnTheServer_IsLostAndComesBack()
    {
        using var sandbox = new Sandbox();
        await using var server = await WebFile.StartAsync(1 << 16, Token);
        var observer = new RecordingStoreObserver();
        await using IBlockStore store = await OpenAsync(sandbox, server.Url, observer);
        DataSlice buffer = DataBuffer.Wrap(new byte[512]).Slice();

        server.Tag = "\"two\"";
        Assert.AreEqual(StorageStatus.Unavailable, (await store.ReadAsync(0, buffer, Token)).Status);
        Assert.AreEqual(StorageStatus.Unavailable, (await store.ReadAsync(0, buffer, Token)).Status);
        server.Tag = "\"one\"";
        Assert.AreEqual(StorageStatus.Ok, (await store.ReadAsync(0, buffer, Token)).Status);

        Assert.AreSequenceEqual([$"lost: {server.Url}: there is another file on the server now", "restored"], observer.Events);
    }

    [TestMethod]
    public async Task Sample_ServerUnfit_IsRefusedWhenOpened()
    {
        using var sandbox = new Sandbox();
        await using var server = await WebFile.StartAsync(1 << 16, Token);

        Assert.Contains("404", (await RefusalAsync(sandbox, server.Url + "-not")).Message);
        Assert.Contains("is no http or https address", (await RefusalAsync(sandbox, "ftp://example.org/x")).Message);
        server.Tag = "W/\"one\"";
        Assert.Contains("no strong ETag", (await RefusalAsync(sandbox, server.Url)).Message);
        server.Ranges = false;
        Assert.Contains("gives no parts of files", (await RefusalAsync(sandbox, server.Url)).Message);
    }

    private static string Built()
    {
        if (_built is null && _problem.Contains("NU1301", StringComparison.Ordinal)) Assert.Inconclusive("the package source cannot be reached: " + _problem);
        Assert.IsNotNull(_built, _problem);
        return Path.Combine(_built, "bin/Release/net10.0/plugin/store-http");
    }

    private async Task<StoreOpenException> RefusalAsync(Sandbox sandbox, string url) =>
        await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(sandbox, url, new RecordingStoreObserver()));

    private async Task<IBlockStore> OpenAsync(Sandbox sandbox, string url, IStoreObserver observer)
    {
        string folder = Path.Combine(sandbox.Plugins, "store-http");
        if (!Directory.Exists(folder)) Sandbox.CopyFolder(Built(), folder);
        PluginResolution<IStoreFactory> resolution = sandbox.Scan().ResolveStore("http");
        Assert.IsTrue(resolution.Success, resolution.Problem);
        var options = new OptionValues(resolution.Factory.Options, new Dictionary<string, object> { ["url"] = url });
        using var host = new TestHost();
        return (IBlockStore)await resolution.Factory.OpenAsync(new StoreOpenContext("web", options, host, observer, []), Token);
    }

    /// <summary>A web server with one file.</summary>
    private sealed class WebFile : IAsyncDisposable
    {
        private readonly WebApplication _application;

        private WebFile(int length)
        {
            Content = new byte[length];
            new Random(length).NextBytes(Content);
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            _application = builder.Build();
            _application.MapMethods("/file", ["GET", "HEAD"], () => Results.Bytes(
                Content, enableRangeProcessing: Ranges, entityTag: EntityTagHeaderValue.Parse(Tag)));
        }

        public byte[] Content { get; }

        public string Tag { get; set; } = "\"one\"";

        public bool Ranges { get; set; } = true;

        public string Url => _application.Urls.Single() + "/file";

        public static async Task<WebFile> StartAsync(int length, CancellationToken cancellationToken)
        {
            var server = new WebFile(length);
            await server._application.StartAsync(cancellationToken);
            return server;
        }

        public ValueTask DisposeAsync() => _application.DisposeAsync();
    }
}
