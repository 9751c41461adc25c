using Microsoft.Extensions.Logging;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Sessions;
using TgtModular.Iscsi.Tasks;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>What the parts of full feature phase share on one connection.</summary>
internal sealed record FullFeatureContext(
    Session Session,
    ushort ConnectionId,
    NegotiatedParameters Parameters,
    CommandWindow Window,
    OutputPump Pump,
    IConnectionControl Control,
    ILogger Logger)
{
    /// <summary>The way of SCSI commands; null in a discovery session.</summary>
    public CommandPath? Path { get; init; }

    /// <summary>The commands under way; null in a discovery session.</summary>
    public TaskTable? Tasks { get; init; }
}
