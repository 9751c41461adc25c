using System.Buffers.Binary;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>A persistent reservation that must survive a power cut (APTPL, SPC-5 section 5.14.9): every session of the writer registers, one reserves.</summary>
internal static class ReservationKeeper
{
    private const byte PersistentReserveIn = 0x5e;
    private const byte PersistentReserveOut = 0x5f;
    private const byte RegisterAndIgnoreExistingKey = 0x06;
    private const byte ReserveAction = 0x01;
    private const byte ReadKeys = 0x00;
    private const byte ReadReservation = 0x01;
    private const byte WriteExclusiveRegistrantsOnly = 0x05;
    private const byte ActivatePersistThroughPowerLoss = 0x01;
    private const int ListLength = 24;
    private const int AnswerLength = 256;

    public static void Register(Session session, int number)
    {
        byte[] list = new byte[ListLength];
        BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8), KeyOf(number));
        list[20] = ActivatePersistThroughPowerLoss;
        Out(session, RegisterAndIgnoreExistingKey, 0, list);
    }

    public static void Reserve(Session session, int number)
    {
        byte[] list = new byte[ListLength];
        BinaryPrimitives.WriteUInt64BigEndian(list, KeyOf(number));
        Out(session, ReserveAction, WriteExclusiveRegistrantsOnly, list);
    }

    /// <summary>Null when registrations and reservation are all there, else what is missing.</summary>
    public static string? FindLoss(Session session)
    {
        byte[] keys = In(session, ReadKeys);
        ulong[] found = [.. Enumerable.Range(0, (keys.Length - 8) / 8).Select(index => BinaryPrimitives.ReadUInt64BigEndian(keys.AsSpan(8 + (8 * index))))];
        for (int number = 0; number < DurabilityWriter.Sessions; number++)
        {
            if (!found.Contains(KeyOf(number))) return $"registration {KeyOf(number):x} is lost; there are {found.Length}";
        }

        byte[] reservation = In(session, ReadReservation);
        return reservation.Length >= 24 && (reservation[21] & 0x0f) == WriteExclusiveRegistrantsOnly ? null : "the reservation is lost";
    }

    private static ulong KeyOf(int number) => 0x5447_5400UL + (ulong)number;

    private static byte[] In(Session session, byte action)
    {
        byte[] cdb = new byte[10];
        (cdb[0], cdb[1]) = (PersistentReserveIn, action);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), AnswerLength);
        ScsiReply reply = session.Execute(cdb, AnswerLength);
        return reply.Status == ScsiReply.Good ? reply.Data : throw new InitiatorException($"PERSISTENT RESERVE IN: {reply}");
    }

    private static void Out(Session session, byte action, byte type, byte[] list)
    {
        byte[] cdb = new byte[10];
        (cdb[0], cdb[1], cdb[2]) = (PersistentReserveOut, action, type);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(5), list.Length);
        ScsiReply reply = session.Execute(cdb, 0, list);
        if (reply.Status != ScsiReply.Good) throw new InitiatorException($"PERSISTENT RESERVE OUT, service action {action:x2}h: {reply}");
    }
}
