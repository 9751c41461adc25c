using System.Reflection;
using Microsoft.Extensions.Logging;

namespace TgtModular.Iscsi.Tests;

/// <summary>Event ids are part of the interface: a filter somewhere counts on them.</summary>
[TestClass]
public sealed class LogTests
{
    [TestMethod]
    public void EventIds_AreAsReleased()
    {
        string[] released =
        [
            "500 Listening", "501 NotListening", "502 AcceptFailed", "503 ConnectionRefused", "504 PortalMissing", "510 LoggedIn", "511 LoginFailed", "512 ConnectionClosed",
            "513 ConnectionFault", "514 TargetMisconfigured", "520 Rejected", "521 TaskManagement", "522 TaskManagementFailed", "530 Draining",
            "540 CommandReceived", "541 CommandFailed", "550 LoopTakenOver", "551 LoopGivenBack",
        ];

        string[] now =
        [
            .. typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Select(method => (method.Name, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
                .Where(pair => pair.Message is not null)
                .OrderBy(pair => pair.Message!.EventId)
                .Select(pair => $"{pair.Message!.EventId} {pair.Name}"),
        ];

        CollectionAssert.AreEqual(released, now);
    }
}
