using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Plugins;

namespace TgtModular.Iscsi.Configuration;

/// <summary>A target's options, checked, with the transport's where the target has none of its own.</summary>
internal sealed record TargetSettings
{
    /// <summary>TargetAlias.</summary>
    public string? Alias { get; private init; }

    /// <summary>What is granted in a login.</summary>
    public required NegotiationPolicy Negotiation { get; init; }

    /// <summary>CHAP.</summary>
    public required ChapPolicy Chap { get; init; }

    /// <summary>Commands under way.</summary>
    public required int MaxQueueDepth { get; init; }

    /// <summary>Silence before a ping.</summary>
    public required TimeSpan NopInterval { get; init; }

    /// <summary>Pings before the end.</summary>
    public required int NopCount { get; init; }

    /// <summary>Where logins are sent on to.</summary>
    public TargetAddress? Redirect { get; private init; }

    /// <summary>The redirection is permanent.</summary>
    public bool RedirectPermanent { get; private init; }

    /// <summary>What discovery sessions get.</summary>
    public static TargetSettings ForDiscovery(TransportSettings transport) => new()
    {
        // Nothing is written in a discovery session, and text is short: the RFC's default lengths will do.
        Negotiation = new NegotiationPolicy { MaxRecvDataSegmentLength = 8192 },
        Chap = transport.Chap,
        MaxQueueDepth = 16,
        NopInterval = transport.NopInterval,
        NopCount = transport.NopCount,
    };

    /// <summary>Reads the options.</summary>
    /// <returns>False with what is wrong.</returns>
    public static bool TryCreate(OptionValues options, TransportSettings transport, out TargetSettings settings, out string problem)
    {
        settings = ForDiscovery(transport);
        problem = string.Empty;
        ChapPolicy chap = transport.Chap;
        if (options.Has(TargetOptions.ChapAlgorithms))
        {
            IReadOnlyList<string> names = options.GetTextList(TargetOptions.ChapAlgorithms);
            if (!ChapAlgorithmNames.TryParse(names, out IReadOnlyList<ChapAlgorithm> algorithms, out problem)) return false;
            chap = chap with { Algorithms = algorithms };
        }

        TargetAddress? redirect = null;
        if (options.GetText(TargetOptions.Redirect) is { } address && !TargetAddress.TryParse(address, out redirect))
        {
            problem = $"'{address}' is not an address to redirect to";
            return false;
        }

        settings = new TargetSettings
        {
            Alias = options.GetText(TargetOptions.Alias),
            Negotiation = ReadPolicy(options),
            Chap = chap,
            MaxQueueDepth = (int)options.GetInteger(TargetOptions.MaxQueueDepth),
            NopInterval = options.Has(TargetOptions.NopInterval) ? options.GetDuration(TargetOptions.NopInterval) : transport.NopInterval,
            NopCount = options.Has(TargetOptions.NopCount) ? (int)options.GetInteger(TargetOptions.NopCount) : transport.NopCount,
            Redirect = redirect is null ? null : redirect with { PortalGroupTag = null },
            RedirectPermanent = options.GetBoolean(TargetOptions.RedirectPermanent),
        };
        return settings.Negotiation.TryValidate(out problem!);
    }

    private static NegotiationPolicy ReadPolicy(OptionValues options)
    {
        int maxBurst = (int)options.GetInteger(TargetOptions.MaxBurstLength);
        return new NegotiationPolicy
        {
            HeaderDigests = ReadDigests(options, TargetOptions.HeaderDigest),
            DataDigests = ReadDigests(options, TargetOptions.DataDigest),
            InitialR2T = options.GetBoolean(TargetOptions.InitialR2T),
            ImmediateData = options.GetBoolean(TargetOptions.ImmediateData),
            MaxRecvDataSegmentLength = (int)options.GetInteger(TargetOptions.MaxRecvDataSegmentLength),
            MaxBurstLength = maxBurst,
            FirstBurstLength = Math.Min((int)options.GetInteger(TargetOptions.FirstBurstLength), maxBurst),
            DefaultTime2Wait = (int)options.GetInteger(TargetOptions.DefaultTime2Wait),
            DefaultTime2Retain = (int)options.GetInteger(TargetOptions.DefaultTime2Retain),
            MaxOutstandingR2T = (int)options.GetInteger(TargetOptions.MaxOutstandingR2T),
            ProtocolLevel = 2,
        };
    }

    private static IReadOnlyList<DigestAlgorithm> ReadDigests(OptionValues options, string name) => options.RequireText(name) switch
    {
        TargetOptions.DigestRequired => [DigestAlgorithm.Crc32C],
        TargetOptions.DigestOff => [DigestAlgorithm.None],
        _ => [DigestAlgorithm.None, DigestAlgorithm.Crc32C],
    };
}
