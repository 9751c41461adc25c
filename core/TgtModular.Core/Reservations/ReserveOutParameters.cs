using System.Buffers.Binary;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>The parameter list of PERSISTENT RESERVE OUT (SPC-4 section 6.16.3), or the one of REGISTER AND MOVE (section 6.16.4).</summary>
internal sealed record ReserveOutParameters
{
    /// <summary>Bytes of a list without additional parameter data.</summary>
    public const int BasicLength = 24;

    /// <summary>Most bytes of a list: field pointers reach no farther.</summary>
    public const int MaximumLength = ushort.MaxValue;

    public const int ServiceActionKeyOffset = 8;
    public const int RelativePortOffset = 18;
    public const int FlagsOffset = 20;
    public const int SpecifiesInitiatorsBit = 3;

    private const int MoveFlagsOffset = 17;
    private const int MoveIdsLengthOffset = 20;
    private const int IdsOffset = BasicLength + sizeof(uint);

    /// <summary>RESERVATION KEY.</summary>
    public required ulong Key { get; init; }

    /// <summary>SERVICE ACTION RESERVATION KEY.</summary>
    public required ulong ServiceActionKey { get; init; }

    /// <summary>SPEC_I_PT.</summary>
    public bool SpecifiesInitiators { get; init; }

    /// <summary>ALL_TG_PT.</summary>
    public bool AllTargetPorts { get; init; }

    /// <summary>APTPL.</summary>
    public bool SurvivesPowerLoss { get; init; }

    /// <summary>UNREG of REGISTER AND MOVE.</summary>
    public bool Unregister { get; init; }

    /// <summary>RELATIVE TARGET PORT IDENTIFIER of REGISTER AND MOVE.</summary>
    public ushort RelativePort { get; init; }

    /// <summary>TransportIDs of SPEC_I_PT; the one of REGISTER AND MOVE.</summary>
    public IReadOnlyList<NamedInitiator> Initiators { get; init; } = [];

    /// <summary>Reads the list of every service action but REGISTER AND MOVE.</summary>
    /// <param name="list">The list, as long as PARAMETER LIST LENGTH says.</param>
    /// <param name="takesInitiators">The service action is REGISTER, the only one that SPEC_I_PT goes with.</param>
    /// <param name="refusal">With null: why.</param>
    public static ReserveOutParameters? TryRead(ReadOnlySpan<byte> list, bool takesInitiators, out SenseData refusal)
    {
        const byte AllTargetPortsFlag = 0x04, PowerLossFlag = 0x01, Reserved = 0xF2;
        refusal = Sense.ParameterListLengthError;
        if (list.Length < BasicLength) return null;
        byte flags = list[FlagsOffset];
        bool specifies = (flags & (1 << SpecifiesInitiatorsBit)) != 0;
        if (!HasOnly(flags, Reserved, FlagsOffset, ref refusal)) return null;
        if (specifies && !takesInitiators)
        {
            refusal = Sense.InvalidFieldInParameterList(FlagsOffset, SpecifiesInitiatorsBit);
            return null;
        }

        IReadOnlyList<NamedInitiator>? initiators = [];
        if (specifies) initiators = ReadIds(list, BasicLength, IdsOffset, ref refusal);
        else if (list.Length != BasicLength) return null;
        return initiators is null ? null : new ReserveOutParameters
        {
            Key = BinaryPrimitives.ReadUInt64BigEndian(list),
            ServiceActionKey = BinaryPrimitives.ReadUInt64BigEndian(list[ServiceActionKeyOffset..]),
            SpecifiesInitiators = specifies,
            AllTargetPorts = (flags & AllTargetPortsFlag) != 0,
            SurvivesPowerLoss = (flags & PowerLossFlag) != 0,
            Initiators = initiators,
        };
    }

    /// <summary>Reads the list of REGISTER AND MOVE.</summary>
    public static ReserveOutParameters? TryReadMove(ReadOnlySpan<byte> list, out SenseData refusal)
    {
        const byte UnregisterFlag = 0x02, PowerLossFlag = 0x01, Reserved = 0xFC;
        refusal = Sense.ParameterListLengthError;
        if (list.Length < BasicLength) return null;
        byte flags = list[MoveFlagsOffset];
        if (!HasOnly(flags, Reserved, MoveFlagsOffset, ref refusal)) return null;
        if (ReadIds(list, MoveIdsLengthOffset, BasicLength, ref refusal) is not { } initiators) return null;
        if (initiators.Count != 1)
        {
            refusal = initiators.Count == 0 ? Sense.ParameterListLengthError : Sense.InvalidFieldInParameterList(initiators[1].Offset);
            return null;
        }

        // An iSCSI name without a session may mean many ports: a reservation moves to one (SPC-4 section 7.6.4.6).
        if (initiators[0].IsNodeName)
        {
            refusal = Sense.InvalidFieldInParameterList(BasicLength);
            return null;
        }

        return new ReserveOutParameters
        {
            Key = BinaryPrimitives.ReadUInt64BigEndian(list),
            ServiceActionKey = BinaryPrimitives.ReadUInt64BigEndian(list[ServiceActionKeyOffset..]),
            SurvivesPowerLoss = (flags & PowerLossFlag) != 0,
            Unregister = (flags & UnregisterFlag) != 0,
            RelativePort = BinaryPrimitives.ReadUInt16BigEndian(list[RelativePortOffset..]),
            Initiators = initiators,
        };
    }

    private static bool HasOnly(byte flags, byte reserved, int offset, ref SenseData refusal)
    {
        int illegal = flags & reserved;
        if (illegal == 0) return true;
        refusal = Sense.InvalidFieldInParameterList(offset, System.Numerics.BitOperations.Log2((uint)illegal));
        return false;
    }

    /// <summary>Reads TransportIDs to the end of the list, of which their own length field must tell the same.</summary>
    private static List<NamedInitiator>? ReadIds(ReadOnlySpan<byte> list, int lengthOffset, int offset, ref SenseData refusal)
    {
        if (list.Length < offset || BinaryPrimitives.ReadUInt32BigEndian(list[lengthOffset..]) != (uint)(list.Length - offset)) return null;
        List<NamedInitiator> initiators = [];
        while (offset < list.Length)
        {
            if (!InitiatorNames.TryRead(list[offset..], out TransportId? name, out int length))
            {
                refusal = Sense.InvalidFieldInParameterList(offset);
                return null;
            }

            initiators.Add(new NamedInitiator(name!, offset));
            offset += length;
        }

        return initiators;
    }
}

/// <summary>An initiator in a parameter list.</summary>
/// <param name="Name">Its TransportID in the form that nexuses have theirs in.</param>
/// <param name="Offset">Where it stands in the list.</param>
internal sealed record NamedInitiator(TransportId Name, int Offset)
{
    /// <summary>An iSCSI name without a session: all ports of that initiator.</summary>
    public bool IsNodeName => InitiatorNames.IsNodeName(Name);
}
