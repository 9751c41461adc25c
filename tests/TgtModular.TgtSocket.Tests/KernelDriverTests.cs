using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Tests;

/// <summary>Drivers whose initiators the kernel knows by name only (<c>--lld qla2xxx</c>, <c>--lld ibmvio</c>): what fits them is done, the rest is refused.</summary>
[TestClass]
public sealed class KernelDriverTests
{
    private const string Port = "21:00:00:24:ff:31:4c:48";

    private readonly Mock<IEngineControl> _engine = new();
    private readonly Mock<ITransportFactory> _factory = new();
    private readonly ManagementFace _face;
    private readonly List<TargetStatus> _targets = [];
    private readonly List<TransportStatus> _transports = [];

    public KernelDriverTests()
    {
        _ = _factory.SetupGet(factory => factory.IsNetworked).Returns(false);
        _ = _factory.SetupGet(factory => factory.Options).Returns(OptionSchema.Empty);
        _ = _factory.SetupGet(factory => factory.TargetOptions).Returns(OptionSchema.Of(new OptionDefinition("name", OptionType.Text, "Name.") { Required = true }));
        string? normalized = Port, problem = "";
        _ = _factory.Setup(factory => factory.TryNormalizeTargetName(It.IsRegex("^21"), out normalized, out problem)).Returns(true);
        string? none = "", wrong = "write a port name";
        _ = _factory.Setup(factory => factory.TryNormalizeTargetName(It.IsRegex("^iqn"), out none, out wrong)).Returns(false);
        var schemas = new Mock<ISchemaSource>();
        ITransportFactory? found = _factory.Object;
        string? ok = null;
        _ = schemas.Setup(source => source.TryFindTransport(new PluginReference("qla2xxx"), out found, out ok)).Returns(true);
        _ = _engine.Setup(engine => engine.GetSnapshot()).Returns(() => new EngineSnapshot { Transports = [.. _transports], Targets = [.. _targets] });
        _ = _engine.Setup(engine => engine.AddTargetAsync(It.IsAny<TargetSpec>(), Owner.Runtime, It.IsAny<CancellationToken>()))
            .Callback((TargetSpec spec, Owner owner, CancellationToken _) => _targets.Add(new TargetStatus(spec, owner, 0))).ReturnsAsync(ControlResult.Ok);
        _ = _engine.Setup(engine => engine.ChangeTargetAsync(It.IsAny<string>(), It.IsAny<TargetChange>(), It.IsAny<CancellationToken>())).ReturnsAsync(ControlResult.Ok);
        _ = _engine.Setup(engine => engine.StartTransportAsync(It.IsAny<TransportSpec>(), Owner.Runtime, It.IsAny<CancellationToken>()))
            .Callback((TransportSpec spec, Owner owner, CancellationToken _) => _transports.Add(new TransportStatus(spec, owner, ObjectHealth.Online, null, "1", [])))
            .ReturnsAsync(ControlResult.Ok);
        _face = new ManagementFace(new FaceContext(_engine.Object, schemas.Object, () => { }, _ => { }, NullLogger.Instance));
    }

    [TestCleanup]
    public void EndFace() => _face.Dispose();

    [TestMethod]
    public async Task Start_DriverNobodyConfigured_StartsWithDefaults()
    {
        Assert.AreEqual(ManagementError.NoDriver, await AskAsync(ManagementMode.Target, ManagementOperation.New, $"targetname={Port}"));

        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Driver, ManagementOperation.Start));

        Assert.AreEqual("qla2xxx", _transports.Single().Spec.Name);
        Assert.AreEqual(ManagementError.NoDriver, await AskAsync(ManagementMode.Driver, ManagementOperation.Start, driver: "nosuch"));
    }

    [TestMethod]
    public async Task NewTarget_NameOfAPort_IsMadeWithItsNormalForm()
    {
        await StartedAsync();
        Assert.AreEqual(ManagementError.InvalidRequest, await AskAsync(ManagementMode.Target, ManagementOperation.New, "targetname=iqn.2026-11.org.example:a"));
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Target, ManagementOperation.New, "targetname=21000024FF314C48"));

        Assert.AreEqual(Port, _targets.Single().Spec.Transports.Single().TargetName);
    }

    [TestMethod]
    public async Task Bind_InitiatorNameAndAll_AddressesAreRefused()
    {
        await TargetAsync();
        Assert.AreEqual(ManagementError.InvalidRequest, await AskAsync(ManagementMode.Target, ManagementOperation.Bind, "initiator-address=10.0.0.1"));
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Target, ManagementOperation.Bind, "initiator-name=21:00:00:1b:32:00:00:01"));
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Target, ManagementOperation.Bind, "initiator-address=ALL"));

        _engine.Verify(engine => engine.ChangeTargetAsync(It.IsAny<string>(), It.IsAny<TargetChange>(), It.IsAny<CancellationToken>()), Times.Exactly(2));
    }

    [TestMethod]
    public async Task SessionParametersAccountsAndPortals_AreNotSupported()
    {
        await TargetAsync();
        Assert.AreEqual(ManagementError.Unsupported, await AskAsync(ManagementMode.Target, ManagementOperation.Update, "MaxBurstLength=65536"));
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Target, ManagementOperation.Update, "state=offline"));
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Account, ManagementOperation.New, "user=joe,password=secret"));
        Assert.AreEqual(ManagementError.Unsupported, await AskAsync(ManagementMode.Account, ManagementOperation.Bind, "user=joe"));
        Assert.AreEqual(ManagementError.Unsupported, await AskAsync(ManagementMode.Portal, ManagementOperation.New, "portal=10.0.0.1:3260"));
        Assert.AreEqual("", (await AskWholeAsync(ManagementMode.Target, ManagementOperation.Show, "")).Body);
    }

    private async Task StartedAsync() => Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Driver, ManagementOperation.Start));

    private async Task TargetAsync()
    {
        await StartedAsync();
        Assert.AreEqual(ManagementError.None, await AskAsync(ManagementMode.Target, ManagementOperation.New, $"targetname={Port}"));
    }

    private async Task<ManagementError> AskAsync(ManagementMode mode, ManagementOperation operation, string body = "", string driver = "qla2xxx") =>
        (await AskWholeAsync(mode, operation, body, driver)).Error;

    private async Task<ManagementResponse> AskWholeAsync(ManagementMode mode, ManagementOperation operation, string body, string driver = "qla2xxx") =>
        await _face.HandleAsync(new ManagementRequest { Mode = mode, Operation = operation, Driver = driver, TargetId = 1, Body = body }, CancellationToken.None);
}
