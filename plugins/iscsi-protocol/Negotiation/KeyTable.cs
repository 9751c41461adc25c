using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>The text keys this library knows, in the order of <see cref="KeyTable.All"/>.</summary>
public enum KeyId : byte
{
    /// <summary>HeaderDigest.</summary>
    HeaderDigest,

    /// <summary>DataDigest.</summary>
    DataDigest,

    /// <summary>MaxConnections.</summary>
    MaxConnections,

    /// <summary>SendTargets.</summary>
    SendTargets,

    /// <summary>TargetName.</summary>
    TargetName,

    /// <summary>InitiatorName.</summary>
    InitiatorName,

    /// <summary>TargetAlias.</summary>
    TargetAlias,

    /// <summary>InitiatorAlias.</summary>
    InitiatorAlias,

    /// <summary>TargetAddress.</summary>
    TargetAddress,

    /// <summary>TargetPortalGroupTag.</summary>
    TargetPortalGroupTag,

    /// <summary>InitialR2T.</summary>
    InitialR2T,

    /// <summary>ImmediateData.</summary>
    ImmediateData,

    /// <summary>MaxRecvDataSegmentLength.</summary>
    MaxRecvDataSegmentLength,

    /// <summary>MaxBurstLength.</summary>
    MaxBurstLength,

    /// <summary>FirstBurstLength.</summary>
    FirstBurstLength,

    /// <summary>DefaultTime2Wait.</summary>
    DefaultTime2Wait,

    /// <summary>DefaultTime2Retain.</summary>
    DefaultTime2Retain,

    /// <summary>MaxOutstandingR2T.</summary>
    MaxOutstandingR2T,

    /// <summary>DataPDUInOrder.</summary>
    DataPduInOrder,

    /// <summary>DataSequenceInOrder.</summary>
    DataSequenceInOrder,

    /// <summary>ErrorRecoveryLevel.</summary>
    ErrorRecoveryLevel,

    /// <summary>SessionType.</summary>
    SessionType,

    /// <summary>TaskReporting.</summary>
    TaskReporting,

    /// <summary>iSCSIProtocolLevel.</summary>
    ProtocolLevel,

    /// <summary>IFMarker, obsolete.</summary>
    IFMarker,

    /// <summary>OFMarker, obsolete.</summary>
    OFMarker,

    /// <summary>IFMarkInt, obsolete.</summary>
    IFMarkInt,

    /// <summary>OFMarkInt, obsolete.</summary>
    OFMarkInt,

    /// <summary>RDMAExtensions (iSER).</summary>
    RdmaExtensions,

    /// <summary>TargetRecvDataSegmentLength (iSER).</summary>
    TargetRecvDataSegmentLength,

    /// <summary>InitiatorRecvDataSegmentLength (iSER).</summary>
    InitiatorRecvDataSegmentLength,

    /// <summary>MaxOutstandingUnexpectedPDUs (iSER).</summary>
    MaxOutstandingUnexpectedPdus,

    /// <summary>MaxAHSLength (iSER).</summary>
    MaxAhsLength,

    /// <summary>TaggedBufferForSolicitedDataOnly (iSER).</summary>
    TaggedBufferForSolicitedDataOnly,

    /// <summary>iSERHelloRequired (iSER).</summary>
    IserHelloRequired,
}

/// <summary>All text keys of RFC 7143 section 13 and of RFC 7145 section 6 (iSER), one row each. Authentication keys are not among them.</summary>
public static class KeyTable
{
    private const IscsiRole Both = IscsiRole.Initiator | IscsiRole.Target;
    private const long MaxLength24 = 0xff_ffff;

    private static readonly KeyDefinition[] Rows =
    [
        new(KeyId.HeaderDigest, "HeaderDigest", KeyKind.List, KeyUse.InitializeOnly, KeyScope.Connection, Both, "RFC 7143 13.1") { Words = ["None", "CRC32C"] },
        new(KeyId.DataDigest, "DataDigest", KeyKind.List, KeyUse.InitializeOnly, KeyScope.Connection, Both, "RFC 7143 13.1") { Words = ["None", "CRC32C"] },
        Number(KeyId.MaxConnections, "MaxConnections", KeyKind.NumberMinimum, "RFC 7143 13.2", 1, 1, 65535, KeyIrrelevance.InDiscovery),
        new(KeyId.SendTargets, "SendTargets", KeyKind.Request, KeyUse.FullFeaturePhaseOnly, KeyScope.Session, IscsiRole.Initiator, "RFC 7143 13.3"),
        Text(KeyId.TargetName, "TargetName", KeyUse.InitializeOnly, Both, "RFC 7143 13.4"),
        Text(KeyId.InitiatorName, "InitiatorName", KeyUse.InitializeOnly, IscsiRole.Initiator, "RFC 7143 13.5"),
        Text(KeyId.TargetAlias, "TargetAlias", KeyUse.All, IscsiRole.Target, "RFC 7143 13.6"),
        Text(KeyId.InitiatorAlias, "InitiatorAlias", KeyUse.All, IscsiRole.Initiator, "RFC 7143 13.7"),
        Text(KeyId.TargetAddress, "TargetAddress", KeyUse.All, IscsiRole.Target, "RFC 7143 13.8"),
        new(
            KeyId.TargetPortalGroupTag, "TargetPortalGroupTag", KeyKind.DeclaredNumber, KeyUse.InitializeOnly, KeyScope.Session, IscsiRole.Target, "RFC 7143 13.9")
        {
            Maximum = 65535,
            AllowedInSecurity = true,
        },
        Boolean(KeyId.InitialR2T, "InitialR2T", KeyKind.BooleanOr, "RFC 7143 13.10"),
        Boolean(KeyId.ImmediateData, "ImmediateData", KeyKind.BooleanAnd, "RFC 7143 13.11"),
        new(KeyId.MaxRecvDataSegmentLength, "MaxRecvDataSegmentLength", KeyKind.DeclaredNumber, KeyUse.All, KeyScope.Connection, Both, "RFC 7143 13.12")
        {
            Default = 8192,
            Minimum = 512,
            Maximum = MaxLength24,
        },
        Number(KeyId.MaxBurstLength, "MaxBurstLength", KeyKind.NumberMinimum, "RFC 7143 13.13", 262144, 512, MaxLength24, KeyIrrelevance.InDiscovery),
        Number(KeyId.FirstBurstLength, "FirstBurstLength", KeyKind.NumberMinimum, "RFC 7143 13.14", 65536, 512, MaxLength24, KeyIrrelevance.InDiscovery) with
        {
            IsDependent = true,
        },
        Number(KeyId.DefaultTime2Wait, "DefaultTime2Wait", KeyKind.NumberMaximum, "RFC 7143 13.15", 2, 0, 3600, KeyIrrelevance.Never),
        Number(KeyId.DefaultTime2Retain, "DefaultTime2Retain", KeyKind.NumberMinimum, "RFC 7143 13.16", 20, 0, 3600, KeyIrrelevance.Never),
        Number(KeyId.MaxOutstandingR2T, "MaxOutstandingR2T", KeyKind.NumberMinimum, "RFC 7143 13.17", 1, 1, 65535, KeyIrrelevance.InDiscovery),
        Boolean(KeyId.DataPduInOrder, "DataPDUInOrder", KeyKind.BooleanOr, "RFC 7143 13.18"),
        Boolean(KeyId.DataSequenceInOrder, "DataSequenceInOrder", KeyKind.BooleanOr, "RFC 7143 13.19"),
        Number(KeyId.ErrorRecoveryLevel, "ErrorRecoveryLevel", KeyKind.NumberMinimum, "RFC 7143 13.20", 0, 0, 2, KeyIrrelevance.Never),
        new(KeyId.SessionType, "SessionType", KeyKind.DeclaredChoice, KeyUse.LeadingOnly, KeyScope.Session, IscsiRole.Initiator, "RFC 7143 13.21")
        {
            Words = ["Normal", "Discovery"],
            AllowedInSecurity = true,
        },
        new(KeyId.TaskReporting, "TaskReporting", KeyKind.List, KeyUse.LeadingOnly, KeyScope.Session, Both, "RFC 7143 13.23")
        {
            Words = ["RFC3720", "ResponseFence", "FastAbort"],
            Irrelevance = KeyIrrelevance.InDiscovery,
        },
        Number(KeyId.ProtocolLevel, "iSCSIProtocolLevel", KeyKind.NumberMinimum, "RFC 7143 13.24", 1, 0, 31, KeyIrrelevance.InDiscovery),
        Obsolete(KeyId.IFMarker, "IFMarker", KeyKind.ObsoleteBoolean),
        Obsolete(KeyId.OFMarker, "OFMarker", KeyKind.ObsoleteBoolean),
        Obsolete(KeyId.IFMarkInt, "IFMarkInt", KeyKind.ObsoleteRange),
        Obsolete(KeyId.OFMarkInt, "OFMarkInt", KeyKind.ObsoleteRange),
        Boolean(KeyId.RdmaExtensions, "RDMAExtensions", KeyKind.BooleanAnd, "RFC 7145 6.3") with { Default = 0 },
        Iser(KeyId.TargetRecvDataSegmentLength, "TargetRecvDataSegmentLength", KeyKind.NumberMinimum, Both, "RFC 7145 6.4", 8192, 512, MaxLength24) with
        {
            Use = KeyUse.InitializeOnly,
            Scope = KeyScope.Connection,
        },
        Iser(KeyId.InitiatorRecvDataSegmentLength, "InitiatorRecvDataSegmentLength", KeyKind.NumberMinimum, Both, "RFC 7145 6.5", 8192, 512, MaxLength24) with
        {
            Use = KeyUse.InitializeOnly,
            Scope = KeyScope.Connection,
        },
        Iser(KeyId.MaxOutstandingUnexpectedPdus, "MaxOutstandingUnexpectedPDUs", KeyKind.DeclaredNumber, Both, "RFC 7145 6.7", 0, 2, uint.MaxValue) with
        {
            ZeroIsUnlimited = true,
        },
        Iser(KeyId.MaxAhsLength, "MaxAHSLength", KeyKind.DeclaredNumber, Both, "RFC 7145 6.8", 256, 2, uint.MaxValue) with { ZeroIsUnlimited = true },
        Iser(KeyId.TaggedBufferForSolicitedDataOnly, "TaggedBufferForSolicitedDataOnly", KeyKind.DeclaredBoolean, IscsiRole.Initiator, "RFC 7145 6.9", 0, 0, 1),
        Iser(KeyId.IserHelloRequired, "iSERHelloRequired", KeyKind.DeclaredBoolean, IscsiRole.Initiator, "RFC 7145 6.10", 0, 0, 1),
    ];

    private static readonly FrozenDictionary<string, KeyDefinition> ByName = Rows.ToFrozenDictionary(row => row.Name, StringComparer.Ordinal);

    /// <summary>All rows; the index is the <see cref="KeyId"/>.</summary>
    public static IReadOnlyList<KeyDefinition> All => Rows;

    /// <summary>A row.</summary>
    /// <param name="id">Its number.</param>
    public static KeyDefinition Get(KeyId id) => Rows[(int)id];

    /// <summary>Finds a row by the name on the wire; names are case sensitive.</summary>
    /// <param name="name">Key name.</param>
    /// <param name="definition">The row.</param>
    public static bool TryGet(string name, [NotNullWhen(true)] out KeyDefinition? definition) => ByName.TryGetValue(name, out definition);

    private static KeyDefinition Text(KeyId id, string name, KeyUse use, IscsiRole senders, string clause) =>
        new(id, name, KeyKind.DeclaredText, use, KeyScope.Session, senders, clause) { AllowedInSecurity = true };

    private static KeyDefinition Boolean(KeyId id, string name, KeyKind kind, string clause) =>
        new(id, name, kind, KeyUse.LeadingOnly, KeyScope.Session, Both, clause) { Default = 1, Maximum = 1, Irrelevance = KeyIrrelevance.InDiscovery };

    private static KeyDefinition Number(
        KeyId id, string name, KeyKind kind, string clause, long defaultValue, long minimum, long maximum, KeyIrrelevance irrelevance) =>
        new(id, name, kind, KeyUse.LeadingOnly, KeyScope.Session, Both, clause)
        {
            Default = defaultValue,
            Minimum = minimum,
            Maximum = maximum,
            Irrelevance = irrelevance,
        };

    private static KeyDefinition Obsolete(KeyId id, string name, KeyKind kind) =>
        new(id, name, kind, KeyUse.InitializeOnly, KeyScope.Connection, Both, "RFC 7143 13.25");

    private static KeyDefinition Iser(
        KeyId id, string name, KeyKind kind, IscsiRole senders, string clause, long defaultValue, long minimum, long maximum) =>
        new(id, name, kind, KeyUse.LeadingOnly, KeyScope.Session, senders, clause)
        {
            Default = defaultValue,
            Minimum = minimum,
            Maximum = maximum,
            Irrelevance = KeyIrrelevance.WithoutRdma,
            IsDependent = true,
        };
}
