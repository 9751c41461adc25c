namespace TgtModular.Iscsi.Output;

/// <summary>Something the output pump writes: a response, an R2T, a control PDU. In at most one queue at a time.</summary>
internal abstract class Outbound
{
    /// <summary>Link of the queue it is in.</summary>
    internal Outbound? Next { get; set; }

    /// <summary>Writes as much as fits. Only the pump calls it.</summary>
    /// <returns>True when all of it is written; false to be called again with an empty writer.</returns>
    public abstract bool TryWrite(PduWriter writer);

    /// <summary>Its bytes were sent, or never will be because the connection is gone. Only the pump calls it, once for each time it was queued.</summary>
    public abstract void Sent();
}
