namespace TgtModular.Testing;

/// <summary>A target that cannot be served, with everything that is wrong.</summary>
public sealed class ScsiTargetException : Exception
{
    /// <summary>With a message.</summary>
    public ScsiTargetException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public ScsiTargetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Without a message; for serialisers.</summary>
    public ScsiTargetException()
    {
    }
}
