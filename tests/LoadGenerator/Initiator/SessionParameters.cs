namespace TgtModular.LoadGenerator.Initiator;

/// <summary>What this initiator asks for at login.</summary>
public sealed record LoginWishes
{
    public string InitiatorName { get; init; } = "iqn.2026-11.tgtmodular:load";

    public bool HeaderDigest { get; init; }

    public bool DataDigest { get; init; }

    /// <summary>MaxRecvDataSegmentLength it declares, in bytes.</summary>
    public int MaxRecvDataSegmentLength { get; init; } = 256 * 1024;

    /// <summary>Distinguishes the sessions of one initiator name.</summary>
    public ulong Isid { get; init; } = 0x8000_0000_0001;

    /// <summary>A silent target is given up after this long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>What login agreed on; the defaults are those of RFC 7143 section 13.</summary>
public sealed record SessionParameters
{
    public bool HeaderDigest { get; init; }

    public bool DataDigest { get; init; }

    public bool InitialR2T { get; init; } = true;

    public bool ImmediateData { get; init; } = true;

    /// <summary>Longest data segment the target takes, in bytes.</summary>
    public int MaxDataSegmentLengthOut { get; init; } = 8192;

    public int MaxBurstLength { get; init; } = 262144;

    public int FirstBurstLength { get; init; } = 65536;

    /// <summary>Takes one key of the target's answers in.</summary>
    public SessionParameters With(string key, string value) => key switch
    {
        "HeaderDigest" => this with { HeaderDigest = value == "CRC32C" },
        "DataDigest" => this with { DataDigest = value == "CRC32C" },
        "InitialR2T" => this with { InitialR2T = value == "Yes" },
        "ImmediateData" => this with { ImmediateData = value == "Yes" },
        "MaxRecvDataSegmentLength" => this with { MaxDataSegmentLengthOut = int.Parse(value) },
        "MaxBurstLength" => this with { MaxBurstLength = int.Parse(value) },
        "FirstBurstLength" => this with { FirstBurstLength = int.Parse(value) },
        _ => this,
    };
}
