using System.Buffers.Binary;
using TgtModular.Core.Reservations;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

/// <summary>Service actions of PERSISTENT RESERVE OUT.</summary>
internal static class ReserveOut
{
    public const byte Register = 0, Reserve = 1, Release = 2, Clear = 3, Preempt = 4, PreemptAndAbort = 5, RegisterAndIgnore = 6, RegisterAndMove = 7;
}

/// <summary>What an initiator does with reservations, over <see cref="TestInitiator"/>.</summary>
internal static class ReservationsInitiator
{
    public const byte AllTargetPorts = 0x04, PowerLoss = 0x01, SpecifyInitiators = 0x08;

    public static byte[] Cdb(byte action, byte scopeAndType, uint length)
    {
        byte[] cdb = [OpCode.PersistentReserveOut, action, scopeAndType, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(cdb.AsSpan(5), length);
        return cdb;
    }

    public static byte[] List(ulong key, ulong actionKey, byte flags = 0, byte[]? ids = null)
    {
        byte[] list = new byte[ids is null ? 24 : 28 + ids.Length];
        BinaryPrimitives.WriteUInt64BigEndian(list, key);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), actionKey);
        list[20] = flags;
        if (ids is null) return list;
        BinaryPrimitives.WriteInt32BigEndian(list.AsSpan(24), ids.Length);
        ids.CopyTo(list, 28);
        return list;
    }

    public static byte[] MoveList(ulong key, ulong actionKey, ushort port, byte[] id, byte flags = 0)
    {
        byte[] list = new byte[24 + id.Length];
        BinaryPrimitives.WriteUInt64BigEndian(list, key);
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), actionKey);
        list[17] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(18), port);
        BinaryPrimitives.WriteInt32BigEndian(list.AsSpan(20), id.Length);
        id.CopyTo(list, 24);
        return list;
    }

    public static Task<Answer> OutAsync(this TestInitiator initiator, byte action, byte[] list, byte scopeAndType = 0) =>
        initiator.SendAsync(Cdb(action, scopeAndType, (uint)list.Length), list);

    public static Task<Answer> OutAsync(
        this TestInitiator initiator, byte action, ulong key, ulong actionKey = 0, ReservationType type = 0, byte flags = 0, byte[]? ids = null) =>
        initiator.OutAsync(action, List(key, actionKey, flags, ids), (byte)type);

    public static Task<Answer> InAsync(this TestInitiator initiator, byte action, ushort allocation = 60000)
    {
        byte[] cdb = [OpCode.PersistentReserveIn, action, 0, 0, 0, 0, 0, (byte)(allocation >> 8), (byte)allocation, 0];
        return initiator.SendAsync(cdb, dataIn: allocation);
    }

    /// <summary>Registers a key, whatever was registered before.</summary>
    public static async Task<TestInitiator> RegisteredAsync(this TestInitiator initiator, ulong key, byte flags = 0)
    {
        Good(await initiator.OutAsync(ReserveOut.RegisterAndIgnore, 0, key, flags: flags));
        return initiator;
    }

    public static async Task<TestInitiator> ReservedAsync(this TestInitiator initiator, ulong key, ReservationType type)
    {
        Good(await initiator.OutAsync(ReserveOut.Reserve, key, type: type));
        return initiator;
    }

    public static async Task<ulong[]> ReadKeysAsync(this TestInitiator initiator)
    {
        Answer answer = Good(await initiator.InAsync(0));
        byte[] data = answer.Data;
        Assert.AreEqual(data.Length - 8, BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)));
        return [.. Enumerable.Range(0, (data.Length - 8) / 8).Select(i => BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(8 + (i * 8))))];
    }

    public static async Task<uint> ReadGenerationAsync(this TestInitiator initiator) =>
        BinaryPrimitives.ReadUInt32BigEndian(Good(await initiator.InAsync(0)).Data);

    /// <summary>Key and type of the reservation; null when there is none.</summary>
    public static async Task<(ulong Key, ReservationType Type)?> ReadReservationAsync(this TestInitiator initiator)
    {
        byte[] data = Good(await initiator.InAsync(1)).Data;
        if (data.Length == 8) return null;
        Assert.AreEqual(24, data.Length);
        Assert.AreEqual(16, BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)));
        return (BinaryPrimitives.ReadUInt64BigEndian(data.AsSpan(8)), (ReservationType)data[21]);
    }

    public static async Task<List<FullStatus>> ReadFullStatusAsync(this TestInitiator initiator)
    {
        byte[] data = Good(await initiator.InAsync(3)).Data;
        Assert.AreEqual(data.Length - 8, BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(4)));
        List<FullStatus> found = [];
        for (int at = 8; at < data.Length;)
        {
            ReadOnlySpan<byte> descriptor = data.AsSpan(at);
            int length = BinaryPrimitives.ReadInt32BigEndian(descriptor[20..]);
            Assert.IsTrue(TransportId.TryRead(descriptor.Slice(24, length), out TransportId? id));
            found.Add(new FullStatus(
                BinaryPrimitives.ReadUInt64BigEndian(descriptor), (descriptor[12] & 2) != 0, (descriptor[12] & 1) != 0, (ReservationType)descriptor[13],
                BinaryPrimitives.ReadUInt16BigEndian(descriptor[18..]), id!));
            at += 24 + length;
        }

        return found;
    }

    /// <summary>The pending unit attention; null when there is none. Takes one.</summary>
    public static async Task<AdditionalSense?> AttentionAsync(this TestInitiator initiator)
    {
        Answer answer = await initiator.SendAsync(ProbeDevice.Reply);
        return answer.Outcome.IsGood ? null : answer.Outcome.Sense.Additional;
    }

    /// <summary>Takes every pending unit attention.</summary>
    public static async Task DrainAsync(this TestInitiator initiator)
    {
        for (AdditionalSense? told = AdditionalSense.None; told is not null;) told = await initiator.AttentionAsync();
    }

    public static Answer Good(Answer answer)
    {
        Assert.AreEqual(ScsiOutcome.Good, answer.Outcome);
        return answer;
    }

    public static void Conflicts(Answer answer) => Assert.AreEqual(ScsiOutcome.Of(ScsiStatus.ReservationConflict), answer.Outcome);

    public static void Refused(Answer answer, SenseData sense) => Assert.AreEqual(ScsiOutcome.Check(sense), answer.Outcome);

    public static byte[] Id(this TestInitiator initiator) => ((INexusView)initiator.Nexus).Initiator.Bytes.ToArray();

    public static ushort Port(this TestInitiator initiator) => initiator.Nexus.TargetPort.RelativePortIdentifier;

    /// <summary>Ends the nexus as a logout does.</summary>
    public static ValueTask LogoutAsync(this TestInitiator initiator) => initiator.Nexus.CloseAsync(NexusEnd.Logout);
}

/// <summary>A descriptor of READ FULL STATUS.</summary>
internal sealed record FullStatus(ulong Key, bool AllTargetPorts, bool Holder, ReservationType Type, ushort Port, TransportId Initiator);
