using TgtModular.Plugins;

namespace TgtModular.Iscsi.Configuration;

/// <summary>Options of a target: <c>iscsi.option</c> of <c>[[target]]</c>. New values count for new sessions.</summary>
internal static class TargetOptions
{
    public const string Name = "name";
    public const string Alias = "alias";
    public const string HeaderDigest = "header_digest";
    public const string DataDigest = "data_digest";
    public const string MaxRecvDataSegmentLength = "max_recv_data_segment_length";
    public const string InitialR2T = "initial_r2t";
    public const string ImmediateData = "immediate_data";
    public const string FirstBurstLength = "first_burst_length";
    public const string MaxBurstLength = "max_burst_length";
    public const string MaxOutstandingR2T = "max_outstanding_r2t";
    public const string DefaultTime2Wait = "default_time2wait";
    public const string DefaultTime2Retain = "default_time2retain";
    public const string MaxQueueDepth = "max_queue_depth";
    public const string NopInterval = "nop_interval";
    public const string NopCount = "nop_count";
    public const string ChapAlgorithms = "chap_algorithms";
    public const string Redirect = "redirect";
    public const string RedirectPermanent = "redirect_permanent";

    /// <summary>A digest is used if the initiator asks for it first.</summary>
    public const string DigestOptional = "optional";

    /// <summary>A digest is insisted upon.</summary>
    public const string DigestRequired = "required";

    /// <summary>No digest.</summary>
    public const string DigestOff = "off";

    private const long MaxLength24 = 0xFFFFFF;

    /// <summary>The schema; the manual repeats it and a test compares the two.</summary>
    public static OptionSchema Schema { get; } = OptionSchema.Of(
        new(Name, OptionType.Text, "iSCSI name of the target (iqn., eui. or naa.).") { Required = true },
        new(Alias, OptionType.Text, "TargetAlias, shown to initiators; none if left out.") { Mutable = true },
        Digest(HeaderDigest, "CRC32C over headers."),
        Digest(DataDigest, "CRC32C over data segments."),
        Length(MaxRecvDataSegmentLength, 262144, "Longest data segment taken, in bytes."),
        new(InitialR2T, OptionType.Boolean, "True to forbid unsolicited Data-Out.") { Default = false, Mutable = true },
        new(ImmediateData, OptionType.Boolean, "True to let data come with the command.") { Default = true, Mutable = true },
        Length(FirstBurstLength, 65536, "Most unsolicited data of one command, in bytes."),
        Length(MaxBurstLength, 1048576, "Most data of one sequence, in bytes."),
        new(MaxOutstandingR2T, OptionType.Integer, "R2Ts under way for one command.") { Default = 8L, Minimum = 1, Maximum = 64, Mutable = true },
        new(DefaultTime2Wait, OptionType.Integer, "Seconds an initiator waits before it reconnects.")
        {
            Default = 2L,
            Minimum = 0,
            Maximum = 3600,
            Mutable = true,
        },
        new(DefaultTime2Retain, OptionType.Integer, "Seconds that are granted for a lost session's tasks; at error recovery level 0 none is kept.")
        {
            Default = 20L,
            Minimum = 0,
            Maximum = 3600,
            Mutable = true,
        },
        new(MaxQueueDepth, OptionType.Integer, "Commands a session may have under way.") { Default = 128L, Minimum = 1, Maximum = 4096, Mutable = true },
        new(NopInterval, OptionType.Duration, "As of the transport, for this target; the transport's value if left out.") { Mutable = true },
        new(NopCount, OptionType.Integer, "As of the transport, for this target; the transport's value if left out.")
        {
            Minimum = 1,
            Maximum = 100,
            Mutable = true,
        },
        new(ChapAlgorithms, OptionType.TextList, "As of the transport, for this target; the transport's list if left out.") { Mutable = true },
        new(Redirect, OptionType.Text, "Address and port that logins are sent on to; none if left out.") { Mutable = true },
        new(RedirectPermanent, OptionType.Boolean, "True: initiators shall remember the redirection.") { Default = false, Mutable = true });

    private static OptionDefinition Digest(string name, string what) =>
        new(name, OptionType.Choice, $"{what} An optional digest is used when the initiator prefers it.")
        {
            Default = DigestOptional,
            Choices = [DigestOptional, DigestRequired, DigestOff],
            Mutable = true,
        };

    private static OptionDefinition Length(string name, long value, string help) =>
        new(name, OptionType.Size, help) { Default = value, Minimum = 512, Maximum = MaxLength24, Mutable = true };
}
