using TgtModular.Iscsi.Connections;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>What full feature phase may do to the connection it runs on. Any thread.</summary>
internal interface IConnectionControl
{
    /// <summary>Ends the connection at once. The first reason counts.</summary>
    void End(EndReason reason, string detail);

    /// <summary>Ends the connection after everything queued has been sent: no further PDU is read. The first reason counts.</summary>
    void EndGracefully(EndReason reason, string detail);
}
