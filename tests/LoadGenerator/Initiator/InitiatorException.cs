namespace TgtModular.LoadGenerator.Initiator;

/// <summary>The target broke the protocol, refused, fell silent or closed the connection.</summary>
public class InitiatorException(string message) : Exception(message);

/// <summary>The target has closed the connection, or says nothing any more.</summary>
public sealed class TargetGoneException(string message) : InitiatorException(message);
