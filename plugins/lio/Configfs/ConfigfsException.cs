using System.Runtime.InteropServices;

namespace TgtModular.Lio.Configfs;

/// <summary>What was tried on the configuration tree.</summary>
public enum ConfigfsCall
{
    /// <summary>mkdir.</summary>
    MakeDirectory,

    /// <summary>rmdir.</summary>
    RemoveDirectory,

    /// <summary>write of an attribute.</summary>
    Write,

    /// <summary>read of an attribute, of a directory or of a link.</summary>
    Read,

    /// <summary>symlink.</summary>
    Link,

    /// <summary>unlink of a link.</summary>
    Unlink,
}

/// <summary>The kernel refused a call on its configuration tree.</summary>
public sealed class ConfigfsException : Exception
{
    /// <summary>With the call that was refused.</summary>
    /// <param name="call">The call.</param>
    /// <param name="path">Where, from the root of the tree.</param>
    /// <param name="error">errno.</param>
    /// <param name="value">What was written or linked to; null for nothing.</param>
    public ConfigfsException(ConfigfsCall call, string path, Errno error, string? value = null)
        : base($"{Name(call)} {path}{(value is null ? "" : $" ({value})")}: {Marshal.GetPInvokeErrorMessage((int)error)}")
    {
        Call = call;
        Path = path;
        Error = error;
    }

    /// <summary>With a message; for serialisers.</summary>
    public ConfigfsException(string message)
        : base(message) => Path = string.Empty;

    /// <summary>With a message and its cause; for serialisers.</summary>
    public ConfigfsException(string message, Exception innerException)
        : base(message, innerException) => Path = string.Empty;

    /// <summary>Without a message; for serialisers.</summary>
    public ConfigfsException()
        : this("the kernel refused")
    {
    }

    /// <summary>The call.</summary>
    public ConfigfsCall Call { get; }

    /// <summary>Where, from the root of the tree.</summary>
    public string Path { get; }

    /// <summary>errno.</summary>
    public Errno Error { get; }

    private static string Name(ConfigfsCall call) => call switch
    {
        ConfigfsCall.MakeDirectory => "mkdir",
        ConfigfsCall.RemoveDirectory => "rmdir",
        ConfigfsCall.Write => "write",
        ConfigfsCall.Read => "read",
        ConfigfsCall.Link => "symlink",
        _ => "unlink",
    };
}
