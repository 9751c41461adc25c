using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>A command line of tgtadm, read but not yet held against the rules of its mode and operation.</summary>
internal sealed class AdminArguments
{
    private readonly Dictionary<char, string> _texts = [];

    /// <summary>Letters of the options, in the order in which they were given.</summary>
    public List<char> Given { get; } = [];

    /// <summary>Mode; null when there is none.</summary>
    public ManagementMode? Mode { get; set; }

    /// <summary>Operation; null when there is none.</summary>
    public ManagementOperation? Operation { get; set; }

    /// <summary>The operation as it was typed.</summary>
    public string OperationName { get; set; } = "";

    /// <summary>Target.</summary>
    public int TargetId { get; set; } = ManagementRequest.NoTarget;

    /// <summary>Session.</summary>
    public ulong SessionId { get; set; }

    /// <summary>Connection.</summary>
    public uint ConnectionId { get; set; }

    /// <summary>Logical unit.</summary>
    public ulong Lun { get; set; } = ManagementRequest.NoLun;

    /// <summary>SCSI host.</summary>
    public uint HostNumber { get; set; }

    /// <summary>Type of a new logical unit.</summary>
    public ManagementDeviceType DeviceType { get; set; } = ManagementDeviceType.Disk;

    /// <summary>Control port of the daemon.</summary>
    public int ControlPort { get; set; }

    /// <summary>Whether to tell what is sent.</summary>
    public bool Debug { get; set; }

    /// <summary>Value of a text option; null when it was not given.</summary>
    public string? Text(char letter) => _texts.GetValueOrDefault(letter);

    /// <summary>Sets a text option; the last one counts.</summary>
    public void SetText(char letter, string value) => _texts[letter] = value;

    /// <summary>Whether an option was given.</summary>
    public bool Has(char letter) => Given.Contains(letter);
}
