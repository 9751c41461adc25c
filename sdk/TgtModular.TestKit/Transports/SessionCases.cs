using TgtModular.Transports;

namespace TgtModular.TestKit;

internal static class SessionCases
{
    private const byte Read10 = 0x28;

    public static async Task LoginAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexuses.Single();
        Assert.IsFalse(nexus.IsClosed, "the nexus is open");
        Assert.IsTrue(nexus.Request.MaxCommands >= 1, "the transport wants commands in flight");
        Assert.IsFalse(string.IsNullOrEmpty(nexus.Request.Initiator.Name), "the initiator has a name: access rules ask for it");
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
    }

    public static async Task NotAdmittedAsync(TransportFixture fixture)
    {
        fixture.Target.Admission = _ => false;
        Assert.IsNull(await fixture.TryConnectAsync(), "an initiator that is not admitted is refused");
        Assert.IsEmpty(fixture.Target.Nexuses, "and has no nexus");
        fixture.Target.Admission = _ => true;
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(await fixture.ConnectAsync()));
    }

    public static async Task GoneAsync(TransportFixture fixture)
    {
        fixture.Target.IsGone = true;
        Assert.IsNull(await fixture.TryConnectAsync(), "a target that opens no nexus admits nobody");
        fixture.Target.IsGone = false;
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(await fixture.ConnectAsync()));
    }

    public static async Task TwoInitiatorsAsync(TransportFixture fixture)
    {
        TransportClient first = await fixture.ConnectAsync(0);
        TransportClient second = await fixture.ConnectAsync(1);
        IReadOnlyList<EngineNexus> nexuses = fixture.Target.Nexuses;
        Assert.HasCount(2, nexuses);
        Assert.AreNotEqual(nexuses[0].Initiator, nexuses[1].Initiator, "two initiator ports have two TransportIDs");
        await first.DisposeAsync();
        await fixture.UntilAsync(() => nexuses.Count(nexus => nexus.IsClosed) == 1, "the first nexus is closed");
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(second));
    }

    public static async Task LogoutAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        if (client.LogoutAsync() is not { } logout) return;
        await fixture.InTime(logout, "the logout");
        await EndsAsync(fixture, fixture.Target.Nexus, NexusEnd.Logout);
    }

    public static async Task LostAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
        await client.DisposeAsync();
        await EndsAsync(fixture, fixture.Target.Nexus, NexusEnd.ConnectionLost);
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(await fixture.ConnectAsync()));
    }

    public static async Task LostInFlightAsync(TransportFixture fixture)
    {
        fixture.Target.HoldOpCode = Read10;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        for (int i = 0; i < 2; i++) Forget(fixture.ReadAsync(client, i, 1));
        await fixture.UntilAsync(() => nexus.WaitingCount == 2, "both commands are there");
        await client.DisposeAsync();
        await EndsAsync(fixture, nexus, NexusEnd.ConnectionLost);
        await fixture.UntilAsync(() => nexus.InFlight == 0, "both commands are released");
    }

    public static async Task CloseRequestedAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        nexus.Observer.CloseRequested(NexusEnd.Administrative);
        // A protocol may ask the initiator to log out first.
        await fixture.InTime(client.LogoutAsked, "the initiator is told");
        if (client.LogoutAsync() is { } logout) Forget(logout);
        await fixture.UntilAsync(() => nexus.IsClosed, "the nexus is closed");
    }

    public static async Task DrainAsync(TransportFixture fixture)
    {
        TransportClient client = await fixture.ConnectAsync();
        await fixture.GoodAsync(fixture.TestUnitReadyAsync(client));
        Task drained = fixture.Transport.DrainAsync(CancellationToken.None).AsTask();
        await fixture.InTime(client.LogoutAsked, "the initiator is told");
        if (client.LogoutAsync() is { } logout) Forget(logout);
        await fixture.InTime(drained, "the transport drains");
        Assert.IsTrue(fixture.Target.Nexus.IsClosed, "its session is closed");
        await RefusedAsync(fixture);
    }

    public static async Task DisposeInFlightAsync(TransportFixture fixture)
    {
        fixture.Target.HoldOpCode = Read10;
        TransportClient client = await fixture.ConnectAsync();
        EngineNexus nexus = fixture.Target.Nexus;
        Forget(fixture.ReadAsync(client, 0, 1));
        await fixture.UntilAsync(() => nexus.WaitingCount == 1, "the command is there");
        await fixture.DisposeTransportAsync();
        Assert.IsTrue(nexus.IsClosed, "the nexus is closed when the transport is disposed");
        await fixture.InTime(client.Ended, "the initiator's connection ends");
    }

    public static async Task GarbageAsync(TransportFixture fixture)
    {
        TransportClient good = await fixture.ConnectAsync(1);
        Random random = new(7);
        foreach (int length in new[] { 48, 1000, 70_000 })
        {
            TransportClient bad = await fixture.ConnectAsync(0);
            byte[] garbage = new byte[length];
            random.NextBytes(garbage);
            Forget(bad.SendGarbageAsync(garbage));
            await fixture.GoodAsync(fixture.TestUnitReadyAsync(good));
            await bad.DisposeAsync();
            await fixture.UntilAsync(() => fixture.Target.Nexuses.Count(nexus => !nexus.IsClosed) == 1, "the bad peer's nexus is closed");
        }

        await fixture.GoodAsync(fixture.TestUnitReadyAsync(good));
    }

    private static async Task EndsAsync(TransportFixture fixture, EngineNexus nexus, NexusEnd end)
    {
        await fixture.UntilAsync(() => nexus.IsClosed, "the nexus is closed");
        Assert.AreEqual(end, nexus.End, "why it ended");
    }

    /// <summary>A transport that listens no more refuses, or cannot be reached: both will do.</summary>
    private static async Task RefusedAsync(TransportFixture fixture)
    {
        try
        {
            Assert.IsNull(await fixture.TryConnectAsync(1), "no new session while draining");
        }
        catch (Exception unreachable) when (unreachable is IOException or System.Net.Sockets.SocketException)
        {
        }
    }

    /// <summary>Its end, or its failure with the session, is nothing that the case looks at.</summary>
    private static void Forget(Task task) => _ = task.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
}
