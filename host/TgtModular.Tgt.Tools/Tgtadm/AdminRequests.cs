using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>Makes the request of a command line.</summary>
internal static class AdminRequests
{
    private const string TapeStore = "ssc";

    /// <summary>Body fields in the order of the wire, by the letter of their option.</summary>
    private static readonly (char Letter, string Key)[] Fields =
    [
        ('b', "path"), ('E', "bstype"), ('S', "bsopts"), ('f', "bsoflags"), ('y', "blocksize"), ('T', "targetname"),
        ('I', "initiator-address"), ('Q', "initiator-name"), ('u', "user"), ('p', "password"),
    ];

    public static ManagementRequest From(AdminArguments arguments) => new()
    {
        Mode = arguments.Mode!.Value,
        Operation = arguments.Operation!.Value,
        Driver = arguments.Text('L') ?? "",
        TargetId = arguments.TargetId,
        SessionId = arguments.SessionId,
        Lun = arguments.Lun,
        ConnectionId = arguments.ConnectionId,
        HostNumber = arguments.HostNumber,
        DeviceType = (uint)arguments.DeviceType,
        AccountDirection = arguments.Has('O') ? ManagementRequest.DirectionOutgoing : ManagementRequest.DirectionIncoming,
        Force = arguments.Has('F') ? 1u : 0u,
        Body = Body(arguments),
    };

    private static string Body(AdminArguments arguments)
    {
        List<string> parts = [];
        if (arguments.Text('n') is { } name) parts.Add($"{name}={arguments.Text('v')}");
        foreach ((char letter, string key) in Fields)
        {
            // A tape's medium is always in the format of its own store.
            string? value = letter == 'E' && arguments.DeviceType == ManagementDeviceType.Tape ? TapeStore : arguments.Text(letter);
            if (value != null) parts.Add($"{key}={value}");
        }

        if (arguments.Text('P') is { } parameters) parts.Add($"{(arguments.Mode == ManagementMode.Portal ? "portalOps" : "targetOps")} {parameters},");
        return string.Join(',', parts);
    }
}
