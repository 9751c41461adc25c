namespace TgtModular.Core.Control;

/// <summary>Kinds of failure of a control operation; each face maps them to its own codes.</summary>
public enum ControlError
{
    /// <summary>Done.</summary>
    None,

    /// <summary>There is no such object.</summary>
    NotFound,

    /// <summary>There is such an object already.</summary>
    Exists,

    /// <summary>The object is in use by another, or has sessions, and force was not asked for.</summary>
    InUse,

    /// <summary>The request makes no sense.</summary>
    Invalid,

    /// <summary>The object has no such ability.</summary>
    NotSupported,

    /// <summary>No loaded plugin serves the request.</summary>
    NoPlugin,

    /// <summary>The plugin or the system refused: a missing file, a port in use, no permission.</summary>
    Failed,

    /// <summary>It was not tried, because an operation it needs failed.</summary>
    Skipped,
}

/// <summary>How a control operation ended. Expected failures come this way, never as exceptions.</summary>
/// <param name="Error">Kind of failure.</param>
/// <param name="Message">What is wrong and what to do, for people; empty when done.</param>
public readonly record struct ControlResult(ControlError Error, string Message)
{
    /// <summary>Done.</summary>
    public static ControlResult Ok => new(ControlError.None, "");

    /// <summary>True when done.</summary>
    public bool IsOk => Error == ControlError.None;

    /// <summary>There is no such object.</summary>
    public static ControlResult NotFound(string kind, string name) => new(ControlError.NotFound, $"there is no {kind} '{name}'");

    /// <summary>There is such an object already.</summary>
    public static ControlResult Exists(string kind, string name) => new(ControlError.Exists, $"there is a {kind} '{name}' already");

    /// <summary>It is in use.</summary>
    public static ControlResult InUse(string message) => new(ControlError.InUse, message);

    /// <summary>The request makes no sense.</summary>
    public static ControlResult Invalid(string message) => new(ControlError.Invalid, message);

    /// <summary>The plugin or the system refused.</summary>
    public static ControlResult Failed(string message) => new(ControlError.Failed, message);

    /// <inheritdoc/>
    public override string ToString() => IsOk ? "done" : Message;
}
