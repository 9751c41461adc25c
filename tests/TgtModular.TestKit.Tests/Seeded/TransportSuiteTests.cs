using TgtModular.Transports;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>The suite for transports is proven: each wrong transport is caught by the case that is there for it, and the right one passes every case.</summary>
[TestClass]
public sealed class TransportSuiteTests
{
    public static IEnumerable<object[]> Faults =>
    [
        Fault<WrongTransports.LeavesTheNexusOpen>(nameof(TransportConformance.Connection_Lost_ClosesTheNexus)),
        Fault<WrongTransports.SaysTheConnectionWasLost>(nameof(TransportConformance.Logout_WhenAskedFor_ClosesTheNexus)),
        Fault<WrongTransports.IgnoresCloseRequests>(nameof(TransportConformance.CloseRequested_ByTheCore_EndsTheSession)),
        Fault<WrongTransports.AdmitsWhoIsRefused>(nameof(TransportConformance.Login_NotAdmitted_IsRefused)),
        Fault<WrongTransports.AdmitsWhoIsRefused>(nameof(TransportConformance.Login_TargetJustGone_IsRefused)),
        Fault<WrongTransports.TakesAllForOneInitiator>(nameof(TransportConformance.Login_TwoInitiators_HaveTwoNexuses)),
        Fault<WrongTransports.HasNoNames>(nameof(TransportConformance.Login_Admitted_OpensANexus)),
        Fault<WrongTransports.KeepsDroppedCommands>(nameof(TransportConformance.Connection_LostWithCommandsInFlight_DropsThem)),
        Fault<WrongTransports.AnswersAfterAnAbort>(nameof(TransportConformance.Abort_RunningCommand_DropsItAlone)),
        Fault<WrongTransports.AbortsEverything>(nameof(TransportConformance.Abort_RunningCommand_DropsItAlone)),
        Fault<WrongTransports.SaysThatItAborted>(nameof(TransportConformance.Abort_UnknownTag_TellsSo)),
        Fault<WrongTransports.CompletesTwice>(nameof(TransportConformance.Login_Admitted_OpensANexus)),
        Fault<WrongTransports.SwapsNeighbours>(nameof(TransportConformance.Commands_SentInOrder_AreSubmittedInOrder)),
        Fault<WrongTransports.AnswersTheOldest>(nameof(TransportConformance.Commands_EndingInAnotherOrder_AnswerTheirOwnTags)),
        Fault<WrongTransports.IgnoresTheLimit>(nameof(TransportConformance.Commands_MoreThanTheNexusHolds_WaitAndAllAnswer)),
        Fault<WrongTransports.DiesOfGarbage>(nameof(TransportConformance.Peer_SendsGarbage_IsEndedAndOthersAreServed)),
        Fault<WrongTransports.KeepsNoSense>(nameof(TransportConformance.Command_Refused_BringsStatusAndSense)),
        Fault<WrongTransports.CutsCdbs>(nameof(TransportConformance.Command_LongCdb_ArrivesWhole)),
        Fault<WrongTransports.KeepsALunByte>(nameof(TransportConformance.Command_ForAnyLun_ArrivesThere)),
        Fault<WrongTransports.SendsAllThereIs>(nameof(TransportConformance.Read_LessExpectedThanThere_GivesWhatIsExpected)),
        Fault<WrongTransports.LosesTheLastBlock>(nameof(TransportConformance.Write_AnyLength_ReadsBack)),
        Fault<WrongTransports.LeaksABuffer>(nameof(TransportConformance.Login_Admitted_OpensANexus)),
        Fault<WrongTransports.IsBusyWithOneSession>(nameof(TransportConformance.Commands_FromManySessions_AllAnswer)),
        Fault<WrongTransports.GoesOnAfterADrain>(nameof(TransportConformance.Drain_WithSessions_EndsThemAndTakesNoNewOnes)),
        Fault<WrongTransports.ForgetsItsSessions>(nameof(TransportConformance.Dispose_WithCommandsInFlight_LeavesNothing)),
    ];

    public static IEnumerable<object[]> Cases => SuiteRunner.CasesOf(typeof(TransportConformance));

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task RightTransport_Passes(string name) =>
        Assert.IsNull(await SuiteRunner.RunAsync(() => new SeededTransportSuite(Right), name));

    [TestMethod]
    [DynamicData(nameof(Faults))]
    public async Task WrongTransport_IsCaught(Type wrong, string caught)
    {
        string? failure = await SuiteRunner.RunAsync(() => new SeededTransportSuite(context => Make(wrong, context)), caught);

        Assert.IsNotNull(failure, $"{wrong.Name} passes {caught}");
    }

    [TestMethod]
    public void EveryCase_HasAFaultItCatches()
    {
        string[] unproven = [.. Cases.Select(row => (string)row[0]).Except(Faults.Select(fault => (string)fault[1]))];
        Assert.IsEmpty(unproven, string.Join(", ", unproven));
    }

    private static SeededTransport Right(TransportCreateContext context) => new(context, (transport, initiator) => new SeededSession(transport, initiator));

    private static SeededTransport Make(Type wrong, TransportCreateContext context)
    {
        Func<SeededTransport, int, SeededSession> session = (transport, initiator) => new SeededSession(transport, initiator);
        return wrong.IsAssignableTo(typeof(SeededTransport))
            ? (SeededTransport)Activator.CreateInstance(wrong, context, session)!
            : new SeededTransport(context, (transport, initiator) => (SeededSession)Activator.CreateInstance(wrong, transport, initiator)!);
    }

    private static object[] Fault<TWrong>(string caught) => [typeof(TWrong), caught];
}
