using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.TestKit;
using TgtModular.Transports;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace ExamplePlugin.Tests;

/// <summary>What every transport must do: sessions, data, order, aborts, flow control, bad peers. Say how an initiator reaches it; the cases are inherited.</summary>
[TestClass]
public sealed class TransportTests : TransportConformance
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    /// <inheritdoc/>
    protected override ITransportFactory Factory { get; } = new TransportFactory();

    /// <inheritdoc/>
    protected override string TargetName => "disk";

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, object> CreateOptions() => new Dictionary<string, object> { ["path"] = _path };

    /// <inheritdoc/>
    protected override async Task<TransportClient?> ConnectAsync(ITransport transport, int initiator) =>
        await SocketClient.ConnectAsync(_path, $"initiator-{initiator}", TargetName);
}
