using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.TestKit;

/// <summary>
/// What every transport with sessions of its own must do. Inherit it in a test class, say how the transport is made and how an initiator reaches it, and the
/// cases run against it with <see cref="TestEngine"/> in place of the core: sessions from login to loss, data, order, aborts, flow control, bad peers.
/// </summary>
public abstract class TransportConformance
{
    private readonly List<TransportClient> _clients = [];
    private TransportFixture? _fixture;

    /// <summary>The test's context, set by the test framework.</summary>
    public TestContext TestContext { get; set; } = null!;

    /// <summary>The factory under test.</summary>
    protected abstract ITransportFactory Factory { get; }

    /// <summary>Options of a transport that listens where no other test does.</summary>
    protected abstract IReadOnlyDictionary<string, object> CreateOptions();

    /// <summary>A name that a target of the transport may have.</summary>
    protected abstract string TargetName { get; }

    /// <summary>Logs an initiator in to <see cref="TargetName"/>.</summary>
    /// <param name="transport">The transport, started.</param>
    /// <param name="initiator">0, 1, ...: which of several initiators, each with a port of its own.</param>
    /// <returns>Null when the target refused.</returns>
    protected abstract Task<TransportClient?> ConnectAsync(ITransport transport, int initiator);

    /// <summary>A hang is a failure: nothing takes so long.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(20);

    /// <summary>Host of the transport; checked for leaks when the test ends.</summary>
    protected TestHost Host { get; } = new();

    /// <summary>Closes what the test opened; then nothing may be left: no nexus, no command, no buffer.</summary>
    [TestCleanup]
    public async Task CloseAsync()
    {
        foreach (TransportClient client in _clients) await client.DisposeAsync();
        if (_fixture is not null) await _fixture.CloseAsync();
        Host.Dispose();
    }

#pragma warning disable CS1591 // The names say what is tested.
    [TestMethod]
    public Task Login_Admitted_OpensANexus() => RunAsync(SessionCases.LoginAsync);

    [TestMethod]
    public Task Login_NotAdmitted_IsRefused() => RunAsync(SessionCases.NotAdmittedAsync);

    [TestMethod]
    public Task Login_TargetJustGone_IsRefused() => RunAsync(SessionCases.GoneAsync);

    [TestMethod]
    public Task Login_TwoInitiators_HaveTwoNexuses() => RunAsync(SessionCases.TwoInitiatorsAsync);

    [TestMethod]
    public Task Logout_WhenAskedFor_ClosesTheNexus() => RunAsync(SessionCases.LogoutAsync);

    [TestMethod]
    public Task Connection_Lost_ClosesTheNexus() => RunAsync(SessionCases.LostAsync);

    [TestMethod]
    public Task Connection_LostWithCommandsInFlight_DropsThem() => RunAsync(SessionCases.LostInFlightAsync);

    [TestMethod]
    public Task CloseRequested_ByTheCore_EndsTheSession() => RunAsync(SessionCases.CloseRequestedAsync);

    [TestMethod]
    public Task Drain_WithSessions_EndsThemAndTakesNoNewOnes() => RunAsync(SessionCases.DrainAsync);

    [TestMethod]
    public Task Dispose_WithCommandsInFlight_LeavesNothing() => RunAsync(SessionCases.DisposeInFlightAsync);

    [TestMethod]
    public Task Peer_SendsGarbage_IsEndedAndOthersAreServed() => RunAsync(SessionCases.GarbageAsync);

    [TestMethod]
    public Task Write_AnyLength_ReadsBack() => RunAsync(TransferCases.RoundTripAsync);

    [TestMethod]
    public Task Read_LessExpectedThanThere_GivesWhatIsExpected() => RunAsync(TransferCases.ShortReadAsync);

    [TestMethod]
    public Task Command_Refused_BringsStatusAndSense() => RunAsync(TransferCases.SenseAsync);

    [TestMethod]
    public Task Command_LongCdb_ArrivesWhole() => RunAsync(TransferCases.LongCdbAsync);

    [TestMethod]
    public Task Command_ForAnyLun_ArrivesThere() => RunAsync(TransferCases.LunAsync);

    [TestMethod]
    public Task Commands_SentInOrder_AreSubmittedInOrder() => RunAsync(TransferCases.OrderAsync);

    [TestMethod]
    public Task Commands_EndingInAnotherOrder_AnswerTheirOwnTags() => RunAsync(TransferCases.OutOfOrderAsync);

    [TestMethod]
    public Task Commands_FromManySessions_AllAnswer() => RunAsync(TransferCases.ManySessionsAsync);

    [TestMethod]
    public Task Commands_MoreThanTheNexusHolds_WaitAndAllAnswer() => RunAsync(TransferCases.BackPressureAsync);

    [TestMethod]
    public Task Abort_RunningCommand_DropsItAlone() => RunAsync(TransferCases.AbortAsync);

    [TestMethod]
    public Task Abort_UnknownTag_TellsSo() => RunAsync(TransferCases.AbortUnknownAsync);
#pragma warning restore CS1591

    private async Task RunAsync(Func<TransportFixture, Task> test)
    {
        TestEngine engine = new();
        TestTarget target = engine.Add(new TestTarget(TargetName, Host.Buffers,
            new OptionValues(Factory.TargetOptions, Factory.TargetOptions.Find("name") is null ? [] : new Dictionary<string, object> { ["name"] = TargetName })));
        ITransport transport = Factory.Create(new TransportCreateContext(new OptionValues(Factory.Options, CreateOptions()), engine, Host));
        _fixture = new TransportFixture(transport, target, Patience, async number =>
        {
            TransportClient? client = await ConnectAsync(transport, number);
            if (client is not null) _clients.Add(client);
            return client;
        });
        await transport.StartAsync(CancellationToken.None);
        await test(_fixture);
    }
}
