namespace TgtModular.Lio.Netlink;

/// <summary>What the kernel tells of a TCMU device (enum tcmu_genl_cmd); the numbers are the kernel's.</summary>
public enum TcmuEventKind : byte
{
    /// <summary>It was enabled.</summary>
    Added = 1,

    /// <summary>It is being removed.</summary>
    Removed = 2,

    /// <summary>An attribute is being changed: one of <see cref="TcmuEvent.Configuration"/>, <see cref="TcmuEvent.Size"/>, <see cref="TcmuEvent.WriteCache"/>.</summary>
    Reconfigured = 3,
}

/// <summary>A message of the kernel about one of its TCMU devices.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Name">Name of the UIO device: <c>tcm-user/HBA/NAME/CONFIG</c>.</param>
/// <param name="Minor">N of <c>/dev/uioN</c>.</param>
/// <param name="DeviceId">The kernel's number of the backend.</param>
public sealed record TcmuEvent(TcmuEventKind Kind, string Name, int Minor, int DeviceId)
{
    private const int NameAttribute = 1;
    private const int MinorAttribute = 2;
    private const int ConfigurationAttribute = 4;
    private const int SizeAttribute = 5;
    private const int WriteCacheAttribute = 6;
    private const int DeviceIdAttribute = 8;

    /// <summary>New value of <c>dev_config</c>; null when it stays.</summary>
    public string? Configuration { get; init; }

    /// <summary>New size in bytes; null when it stays.</summary>
    public long? Size { get; init; }

    /// <summary>New value of <c>emulate_write_cache</c>; null when it stays.</summary>
    public bool? WriteCache { get; init; }

    /// <summary>Reads a message of the family; null for one of another kind, or without a name.</summary>
    internal static TcmuEvent? Read(in NetlinkMessage message)
    {
        if ((TcmuEventKind)message.Command is < TcmuEventKind.Added or > TcmuEventKind.Reconfigured) return null;
        TcmuEvent told = new((TcmuEventKind)message.Command, "", -1, -1);
        NetlinkAttributes attributes = message.Attributes;
        while (attributes.MoveNext())
        {
            told = attributes.Type switch
            {
                NameAttribute => told with { Name = attributes.GetText() },
                MinorAttribute => told with { Minor = (int)(attributes.GetNumber() ?? -1) },
                ConfigurationAttribute => told with { Configuration = attributes.GetText() },
                SizeAttribute => told with { Size = attributes.GetNumber() },
                WriteCacheAttribute => told with { WriteCache = attributes.GetNumber() is > 0 },
                DeviceIdAttribute => told with { DeviceId = (int)(attributes.GetNumber() ?? -1) },
                _ => told,
            };
        }

        return told.Name.Length == 0 ? null : told;
    }
}

/// <summary>Whom <see cref="TcmuNetlink"/> tells; calls come one after the other, on a thread of its own.</summary>
public interface ITcmuListener
{
    /// <summary>The kernel tells of a device, of whatever handler.</summary>
    /// <returns>
    /// Where replies were asked for: 0 to agree, an error number to refuse, which the kernel gives to whoever writes the attribute; null when the device is
    /// somebody else's, who is to reply. Else without meaning.
    /// </returns>
    ValueTask<int?> HandleAsync(TcmuEvent told);

    /// <summary>Messages were lost: look at the devices yourself.</summary>
    void Lost()
    {
    }
}
