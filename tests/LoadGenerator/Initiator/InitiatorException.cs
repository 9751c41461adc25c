namespace TgtModular.LoadGenerator.Initiator;

/// <summary>The target broke the protocol, refused, fell silent or closed the connection.</summary>
public sealed class InitiatorException(string message) : Exception(message);
