using System.Net.Sockets;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>
/// Writes until the target is gone, and keeps a journal of what it has acknowledged as stable: single writes with FUA, and several without that one
/// SYNCHRONIZE CACHE follows (SBC-4 sections 4.15 and 5.27). Several sessions, as one's flush covers the writes of the others.
/// </summary>
public sealed class DurabilityWriter(TargetAddress address, DurabilityJournal journal, int seed)
{
    /// <summary>Sessions, each with slots of its own.</summary>
    public const int Sessions = 4;

    /// <summary>The stamps' writer.</summary>
    internal const uint StampWriter = 1;

    private const int MostUnflushed = 8;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private long _acknowledged;

    /// <summary>Writes acknowledged as stable.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Returns when the target is gone.</summary>
    /// <exception cref="InitiatorException">It was never there, or refused a command.</exception>
    public void Run()
    {
        Session[] sessions = [.. Enumerable.Range(0, Sessions).Select(number => Session.Open(address, Wishes(number)))];
        try
        {
            foreach ((int number, Session session) in sessions.Index()) ReservationKeeper.Register(session, number);
            ReservationKeeper.Reserve(sessions[0], 0);
            Task[] writers = [.. sessions.Select((session, number) => Task.Factory.StartNew(() => WriteUntilGone(session, number), TaskCreationOptions.LongRunning))];
            Task.WaitAll(writers);
        }
        finally
        {
            foreach (Session session in sessions) session.Dispose();
        }
    }

    private static LoginWishes Wishes(int number) => new() { Isid = 0x8000_0000_0100 + (ulong)number, Timeout = Silence };

    private void WriteUntilGone(Session session, int number)
    {
        try
        {
            int blockLength = session.ReadCapacity().BlockLength;
            Random random = new((seed * Sessions) + number);
            byte[] data = new byte[SlotLayout.Length];
            while (true)
            {
                if (random.Next(2) == 0) WriteThrough(session, number, random, data, blockLength);
                else WriteAndFlush(session, number, random, data, blockLength);
            }
        }
        catch (Exception gone) when (gone is TargetGoneException or SocketException)
        {
            // That is what it waits for.
        }
    }

    private void WriteThrough(Session session, int number, Random random, byte[] data, int blockLength)
    {
        (int slot, uint generation) = Write(session, number, random, data, blockLength, forceUnitAccess: true);
        Acknowledge(slot, generation);
    }

    private void WriteAndFlush(Session session, int number, Random random, byte[] data, int blockLength)
    {
        List<(int Slot, uint Generation)> written = [];
        for (int count = random.Next(1, MostUnflushed + 1); count > 0; count--)
            written.Add(Write(session, number, random, data, blockLength, forceUnitAccess: false));
        Require(session.Execute(SlotLayout.SynchronizeCacheCdb(), 0), "SYNCHRONIZE CACHE (16)");
        foreach ((int slot, uint generation) in written) Acknowledge(slot, generation);
    }

    private (int Slot, uint Generation) Write(Session session, int number, Random random, byte[] data, int blockLength, bool forceUnitAccess)
    {
        int slot = (number * SlotLayout.PerSession) + random.Next(SlotLayout.PerSession);
        uint generation = journal.Begin(slot);
        BlockStamp.Fill(data, SlotLayout.FirstBlock(slot, blockLength), blockLength, StampWriter, generation);
        Require(session.Execute(SlotLayout.WriteCdb(slot, blockLength, forceUnitAccess), 0, data), "WRITE (16)");
        return (slot, generation);
    }

    private void Acknowledge(int slot, uint generation)
    {
        journal.Acknowledge(slot, generation);
        _ = Interlocked.Increment(ref _acknowledged);
    }

    private static void Require(ScsiReply reply, string command)
    {
        if (reply.Status != ScsiReply.Good) throw new InitiatorException($"{command}: {reply}");
    }
}
