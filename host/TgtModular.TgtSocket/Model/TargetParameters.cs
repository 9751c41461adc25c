using System.Globalization;
using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Model;

/// <summary>How a session parameter takes its values.</summary>
internal enum ParameterKind
{
    /// <summary>A number in a range.</summary>
    Number,

    /// <summary>Yes or No.</summary>
    Flag,

    /// <summary>CRC32C, None, or both in the order of preference.</summary>
    Digest,
}

/// <summary>One session parameter of a target.</summary>
/// <param name="Name">As tgtadm names it; case does not count.</param>
/// <param name="Kind">How it takes values.</param>
/// <param name="Default">Its value where nothing was set.</param>
/// <param name="Minimum">Least number.</param>
/// <param name="Maximum">Greatest number.</param>
/// <param name="Option">The iSCSI transport's option for it; null when there is none.</param>
/// <param name="IsFixed">Only the default can be had: anything else is refused rather than accepted and not done.</param>
internal sealed record ParameterDefinition(
    string Name, ParameterKind Kind, long Default, long Minimum = 0, long Maximum = 0, string? Option = null, bool IsFixed = false);

/// <summary>The session parameters of a target, with tgt's names, defaults and ranges.</summary>
internal sealed class TargetParameters
{
    public const string NopIntervalOption = "nop_interval";
    public const string NopCountOption = "nop_count";

    private const long MaxLength = 0xFFFFFF;
    private const string RedirectAddress = "RedirectAddress";
    private const string RedirectPort = "RedirectPort";
    private const string RedirectReason = "RedirectReason";
    private const string Permanent = "Permanent";
    private const string Temporary = "Temporary";
    private const string Digest = "CRC32C";

    private readonly Dictionary<string, string> _values;

    public TargetParameters() => _values = new(StringComparer.OrdinalIgnoreCase);

    private TargetParameters(TargetParameters other) => _values = new(other._values, StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them, in the order in which they are shown.</summary>
    public static IReadOnlyList<ParameterDefinition> Definitions { get; } =
    [
        new("nop_interval", ParameterKind.Number, 0, 0, int.MaxValue, NopIntervalOption),
        new("nop_count", ParameterKind.Number, 0, 0, int.MaxValue, NopCountOption),
        new("MaxRecvDataSegmentLength", ParameterKind.Number, 8192, 512, MaxLength, "max_recv_data_segment_length"),
        new("HeaderDigest", ParameterKind.Digest, 0, Option: "header_digest"),
        new("DataDigest", ParameterKind.Digest, 0, Option: "data_digest"),
        new("InitialR2T", ParameterKind.Flag, 1, Option: "initial_r2t"),
        new("MaxOutstandingR2T", ParameterKind.Number, 1, 1, 65535, "max_outstanding_r2t"),
        new("ImmediateData", ParameterKind.Flag, 1, Option: "immediate_data"),
        new("FirstBurstLength", ParameterKind.Number, 65536, 512, MaxLength, "first_burst_length"),
        new("MaxBurstLength", ParameterKind.Number, 262144, 512, MaxLength, "max_burst_length"),
        new("DataPDUInOrder", ParameterKind.Flag, 1, IsFixed: true),
        new("DataSequenceInOrder", ParameterKind.Flag, 1, IsFixed: true),
        new("ErrorRecoveryLevel", ParameterKind.Number, 0, 0, 2, IsFixed: true),
        new("IFMarker", ParameterKind.Flag, 0, IsFixed: true),
        new("OFMarker", ParameterKind.Flag, 0, IsFixed: true),
        new("DefaultTime2Wait", ParameterKind.Number, 2, 0, 3600, "default_time2wait"),
        new("DefaultTime2Retain", ParameterKind.Number, 20, 0, 3600, "default_time2retain"),
        new("OFMarkInt", ParameterKind.Number, -1, IsFixed: true),
        new("IFMarkInt", ParameterKind.Number, -1, IsFixed: true),
        new("MaxConnections", ParameterKind.Number, 1, 1, 65535, IsFixed: true),
        new("RDMAExtensions", ParameterKind.Flag, 1, IsFixed: true),
        new("TargetRecvDataSegmentLength", ParameterKind.Number, 262144, 512, MaxLength, IsFixed: true),
        new("InitiatorRecvDataSegmentLength", ParameterKind.Number, 262144, 512, MaxLength, IsFixed: true),
        new("MaxOutstandingUnexpectedPDUs", ParameterKind.Number, 0, 0, uint.MaxValue, IsFixed: true),
        new("MaxXmitDataSegmentLength", ParameterKind.Number, 8192, 512, MaxLength, IsFixed: true),
        new("MaxQueueCmd", ParameterKind.Number, 128, 1, 512, "max_queue_depth"),
    ];

    /// <summary>The same values, to try a change on.</summary>
    public TargetParameters Copy() => new(this);

    /// <summary>Sets one.</summary>
    public ManagementError Set(string name, string value)
    {
        if (name.Equals(RedirectAddress, StringComparison.OrdinalIgnoreCase) || name.Equals(RedirectPort, StringComparison.OrdinalIgnoreCase))
        {
            bool isPort = name.Equals(RedirectPort, StringComparison.OrdinalIgnoreCase);
            if (isPort && value.Length > 0 && !(ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0))
                return ManagementError.InvalidRequest;
            _values[name] = value;
            return ManagementError.None;
        }

        if (name.Equals(RedirectReason, StringComparison.OrdinalIgnoreCase))
        {
            if (value is not (Permanent or Temporary)) return ManagementError.InvalidRequest;
            _values[name] = value;
            return ManagementError.None;
        }

        if (name.Equals("RedirectCallback", StringComparison.OrdinalIgnoreCase)) return ManagementError.Unsupported;
        ParameterDefinition? definition = Definitions.FirstOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (definition is null || Normalise(definition, value) is not { } normal) return ManagementError.InvalidRequest;
        if (definition.IsFixed && normal != DefaultText(definition)) return ManagementError.Unsupported;
        _values[definition.Name] = normal;
        return ManagementError.None;
    }

    /// <summary>A value as it is shown.</summary>
    public string Get(ParameterDefinition definition) => _values.TryGetValue(definition.Name, out string? value)
        ? definition.Kind == ParameterKind.Digest && value.Contains(Digest, StringComparison.Ordinal) ? Digest : value
        : DefaultText(definition);

    /// <summary>What is shown: the parameters, or, for a target that sends logins elsewhere, where to.</summary>
    public IEnumerable<string> Lines()
    {
        if (Redirection is not null)
        {
            return
            [
                $"{RedirectAddress}={_values.GetValueOrDefault(RedirectAddress)}", $"{RedirectPort}={_values.GetValueOrDefault(RedirectPort)}",
                $"{RedirectReason}={_values.GetValueOrDefault(RedirectReason, "Unknown")}",
            ];
        }

        return Definitions.Select(definition => $"{definition.Name}={Get(definition)}");
    }

    /// <summary>Where logins are sent on to, as the transport takes it; null for nowhere.</summary>
    public string? Redirection
    {
        get
        {
            string? address = _values.GetValueOrDefault(RedirectAddress);
            if (string.IsNullOrEmpty(address)) return null;
            string port = _values.GetValueOrDefault(RedirectPort) is { Length: > 0 } given ? given : "3260";
            bool bare = address.Contains(':', StringComparison.Ordinal) && !address.StartsWith('[');
            return bare ? $"[{address}]:{port}" : $"{address}:{port}";
        }
    }

    /// <summary>Seconds between pings; 0 for none.</summary>
    public long NopInterval => Number(Get(Definitions[0]));

    /// <summary>Pings without an answer.</summary>
    public long NopCount => Number(Get(Definitions[1]));

    /// <summary>Values of the transport's options, in the types they have there.</summary>
    public IEnumerable<KeyValuePair<string, object>> ToOptions()
    {
        foreach (ParameterDefinition definition in Definitions.Where(definition => definition.Option is not null))
        {
            string value = Get(definition);
            switch (definition.Option)
            {
                case NopIntervalOption:
                    if (_values.ContainsKey(definition.Name)) yield return new(definition.Option, TimeSpan.FromSeconds(Number(value)));
                    break;
                case NopCountOption:
                    if (Number(value) > 0) yield return new(definition.Option, Math.Min(Number(value), 100));
                    break;
                default:
                    yield return new(definition.Option!, Typed(definition, value));
                    break;
            }
        }

        if (Redirection is not { } redirection) yield break;
        yield return new("redirect", redirection);
        yield return new("redirect_permanent", _values.GetValueOrDefault(RedirectReason) == Permanent);
    }

    private object Typed(ParameterDefinition definition, string value) => definition.Kind switch
    {
        ParameterKind.Flag => value == "Yes",
        ParameterKind.Digest => _values.GetValueOrDefault(definition.Name) switch
        {
            Digest => "required",
            null or "None" => "off",
            _ => "optional",
        },
        _ => definition.Name == "MaxOutstandingR2T" ? Math.Min(Number(value), 64) : Number(value),
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string? Normalise(ParameterDefinition definition, string value)
    {
        switch (definition.Kind)
        {
            case ParameterKind.Flag:
                return value is "Yes" or "No" ? value : null;
            case ParameterKind.Digest:
                return value is "CRC32C" or "None" or "CRC32C,None" or "None,CRC32C" ? value : null;
            default:
                if (value.Length == 0 && definition.Default != 0) return null;
                long number = CNumber.Read(value);
                return number < definition.Minimum || number > definition.Maximum ? null : number.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static string DefaultText(ParameterDefinition definition) => definition.Kind switch
    {
        ParameterKind.Flag => definition.Default != 0 ? "Yes" : "No",
        ParameterKind.Digest => "None",
        _ => definition.Default < 0 ? "Reject" : definition.Default.ToString(CultureInfo.InvariantCulture),
    };
}
