using Microsoft.Extensions.Logging.Abstractions;
using Moq;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Tests;

/// <summary>Requests that need no plugin: what is found, what is refused, in which order.</summary>
[TestClass]
public sealed class FaceTests
{
    private const string FileTarget = "iqn.2026-11.org.example:from-file";

    private readonly Mock<IEngineControl> _engine = new();
    private bool _stopped;

    [TestMethod]
    [DataRow(ManagementMode.Target, ManagementOperation.Show, ManagementError.NoTarget)]
    [DataRow(ManagementMode.Target, ManagementOperation.Delete, ManagementError.NoTarget)]
    [DataRow(ManagementMode.Target, ManagementOperation.Update, ManagementError.NoTarget)]
    [DataRow(ManagementMode.Target, ManagementOperation.New, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.LogicalUnit, ManagementOperation.New, ManagementError.NoTarget)]
    [DataRow(ManagementMode.LogicalUnit, ManagementOperation.Delete, ManagementError.NoLogicalUnit)]
    [DataRow(ManagementMode.LogicalUnit, ManagementOperation.Show, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Session, ManagementOperation.Show, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Session, ManagementOperation.Stat, ManagementError.NoSession)]
    [DataRow(ManagementMode.Connection, ManagementOperation.Show, ManagementError.NoTarget)]
    [DataRow(ManagementMode.Connection, ManagementOperation.Stat, ManagementError.NoSession)]
    [DataRow(ManagementMode.Connection, ManagementOperation.New, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Account, ManagementOperation.New, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Account, ManagementOperation.Delete, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Portal, ManagementOperation.New, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.System, ManagementOperation.New, ManagementError.InvalidRequest)]
    [DataRow((ManagementMode)99, ManagementOperation.Show, ManagementError.InvalidRequest)]
    [DataRow(ManagementMode.Target, (ManagementOperation)99, ManagementError.NoTarget)]
    public async Task Request_WithNothingThere_AnswersItsError(ManagementMode mode, ManagementOperation operation, ManagementError expected)
    {
        using ManagementFace face = Face(new EngineSnapshot { Transports = [Iscsi()] });

        ManagementResponse response = await Ask(face, new ManagementRequest { Mode = mode, Operation = operation, Driver = "iscsi", TargetId = 9 });

        Assert.AreEqual(expected, response.Error);
    }

    [TestMethod]
    public async Task Driver_ThatDoesNotRun_IsNotFound()
    {
        using ManagementFace face = Face(EngineSnapshot.Empty);

        Assert.AreEqual(ManagementError.NoDriver, (await Ask(face, Show("iscsi"))).Error);
        Assert.AreEqual(ManagementError.NoDriver, (await Ask(face, Show("nosuch"))).Error);
    }

    [TestMethod]
    public async Task TargetOfTheFile_IsShownWithTheNextFreeNumber_AndNotChanged()
    {
        using ManagementFace face = Face(WithFileTarget());

        ManagementResponse shown = await Ask(face, Show("iscsi"));
        ManagementResponse deleted = await Ask(
            face, new ManagementRequest { Mode = ManagementMode.Target, Operation = ManagementOperation.Delete, Driver = "iscsi", TargetId = 1, Force = 1 });

        StringAssert.StartsWith(shown.Body, $"Target 1: {FileTarget}\n    System information:\n        Driver: iscsi\n        State: ready\n", StringComparison.Ordinal);
        StringAssert.EndsWith(shown.Body, "    ACL information:\n        ALL\n", StringComparison.Ordinal);
        Assert.AreEqual(ManagementError.InvalidRequest, deleted.Error);
        _engine.Verify(engine => engine.RemoveTargetAsync(It.IsAny<string>(), It.IsAny<bool>(), It.IsAny<CancellationToken>()), Times.Never);
    }

    [TestMethod]
    public async Task SystemDelete_WithTargets_IsRefused_WithoutThemItEnds()
    {
        using ManagementFace busy = Face(WithFileTarget());
        var delete = new ManagementRequest { Mode = ManagementMode.System, Operation = ManagementOperation.Delete };
        Assert.AreEqual(ManagementError.InvalidRequest, (await Ask(busy, delete)).Error);
        Assert.IsFalse(_stopped);

        using ManagementFace idle = Face(EngineSnapshot.Empty);
        Assert.AreEqual(ManagementError.None, (await Ask(idle, delete)).Error);
        Assert.IsTrue(_stopped);
    }

    [TestMethod]
    public async Task Accounts_MadeAndBoundToDiscovery_ReachTheTransport()
    {
        using ManagementFace face = Face(new EngineSnapshot { Transports = [Iscsi()] });
        _ = _engine.Setup(engine => engine.ReconfigureTransportAsync(It.IsAny<TransportSpec>(), It.IsAny<CancellationToken>())).ReturnsAsync(ControlResult.Ok);

        Assert.AreEqual(ManagementError.None, (await Ask(face, Account(ManagementOperation.New, "user=joe,password=secret"))).Error);
        Assert.AreEqual(ManagementError.AccountExists, (await Ask(face, Account(ManagementOperation.New, "user=joe,password=other"))).Error);
        Assert.AreEqual(ManagementError.None, (await Ask(face, Account(ManagementOperation.Bind, "user=joe"))).Error);
        Assert.AreEqual(ManagementError.AccountExists, (await Ask(face, Account(ManagementOperation.Bind, "user=joe"))).Error);
        Assert.AreEqual(ManagementError.NoAccount, (await Ask(face, Account(ManagementOperation.Bind, "user=ann"))).Error);
        Assert.AreEqual("Account list:\n    joe\n", (await Ask(face, Account(ManagementOperation.Show, ""))).Body);
        _engine.Verify(engine => engine.ReconfigureTransportAsync(
            It.Is<TransportSpec>(spec => spec.DiscoveryChap.Incoming.Count == 1 && spec.DiscoveryChap.Incoming[0].User == "joe"), It.IsAny<CancellationToken>()));
    }

    [TestMethod]
    public async Task Handler_ThatThrows_CostsOneRequest()
    {
        using ManagementFace face = Face(new EngineSnapshot { Transports = [Iscsi()] });
        _ = _engine.Setup(engine => engine.StopTransportAsync("iscsi", false, It.IsAny<CancellationToken>())).Throws<InvalidOperationException>();
        var stop = new ManagementRequest { Mode = ManagementMode.Driver, Operation = ManagementOperation.Stop, Driver = "iscsi" };

        Assert.AreEqual(ManagementError.Unknown, (await Ask(face, stop)).Error);
        Assert.AreEqual("LLDs:\n    iscsi: ready\n", (await Ask(face, stop with { Operation = ManagementOperation.Show })).Body);
    }

    [TestMethod]
    public async Task RandomRequests_AreAnsweredAndNeverThrow()
    {
        using ManagementFace face = Face(WithFileTarget());
        Random random = new(17);
        string[] bodies = ["", "user=", "path=/x,bstype=rdwr", "targetOps ", "targetOps =,=", "initiator-address=", "portalOps portal=[", "state=offline", "=", ",,,"];
        for (int i = 0; i < 5000; i++)
        {
            ManagementResponse response = await Ask(face, new ManagementRequest
            {
                Mode = (ManagementMode)random.Next(10),
                Operation = (ManagementOperation)random.Next(11),
                Driver = random.Next(4) == 0 ? "" : "iscsi",
                TargetId = random.Next(-2, 4),
                Lun = (ulong)random.Next(-1, 3),
                SessionId = (ulong)random.Next(3),
                AccountDirection = (uint)random.Next(3),
                Force = (uint)random.Next(2),
                Body = bodies[random.Next(bodies.Length)],
            });
            Assert.IsTrue(Enum.IsDefined(response.Error));
        }
    }

    private static ManagementRequest Show(string driver) =>
        new() { Mode = ManagementMode.Target, Operation = ManagementOperation.Show, Driver = driver };

    private static ManagementRequest Account(ManagementOperation operation, string body) =>
        new() { Mode = ManagementMode.Account, Operation = operation, Driver = "iscsi", Body = body };

    private static async Task<ManagementResponse> Ask(ManagementFace face, ManagementRequest request) =>
        await face.HandleAsync(request, CancellationToken.None);

    private static TransportStatus Iscsi()
    {
        OptionSchema schema = OptionSchema.Of(new OptionDefinition("listen", OptionType.TextList, "Portals.") { Mutable = true });
        return new TransportStatus(
            new TransportSpec("iscsi", new PluginReference("iscsi"), new OptionValues(schema, new Dictionary<string, object>()), ChapSpec.None),
            Owner.File, ObjectHealth.Online, null, "1.0.0", [new PortalDescription("127.0.0.1:3260", 1)]);
    }

    private static EngineSnapshot WithFileTarget() => new()
    {
        Transports = [Iscsi()],
        Targets =
        [
            new TargetStatus(
                new TargetSpec(FileTarget)
                {
                    Transports = [new TargetTransportSpec("iscsi", FileTarget, OptionValues.Empty)],
                    Access = AccessRules.Everybody,
                },
                Owner.File, 0),
        ],
    };

    private ManagementFace Face(EngineSnapshot snapshot)
    {
        _ = _engine.Setup(engine => engine.GetSnapshot()).Returns(snapshot);
        ControlResult refused = new(ControlError.Failed, "refused");
        _ = _engine.Setup(engine => engine.StopTransportAsync(It.IsAny<string>(), It.IsAny<bool>(), It.IsAny<CancellationToken>())).ReturnsAsync(refused);
        _ = _engine.Setup(engine => engine.ReconfigureTransportAsync(It.IsAny<TransportSpec>(), It.IsAny<CancellationToken>())).ReturnsAsync(ControlResult.Ok);
        var schemas = new Mock<ISchemaSource>();
        _ = schemas.Setup(source => source.GetNames(It.IsAny<PluginKind>())).Returns([]);
        return new ManagementFace(new FaceContext(_engine.Object, schemas.Object, () => _stopped = true, _ => { }, NullLogger.Instance));
    }
}
