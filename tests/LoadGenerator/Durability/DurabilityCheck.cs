using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>Reads what a journal speaks of, and says what is not as it must be.</summary>
public static class DurabilityCheck
{
    private const int MostFaults = 10;

    /// <summary>Compares the unit with the journal.</summary>
    /// <returns>Blocks read and faults found, the first of them in words.</returns>
    public static (long Blocks, IReadOnlyList<string> Faults) Run(TargetAddress address, DurabilityJournal journal)
    {
        using Session session = Session.Open(address, new LoginWishes());
        int blockLength = session.ReadCapacity().BlockLength;
        List<string> faults = [];
        long blocks = 0;
        foreach ((int slot, SlotState state) in journal.Slots.OrderBy(pair => pair.Key))
        {
            ScsiReply reply = session.Execute(SlotLayout.ReadCdb(slot, blockLength), SlotLayout.Length);
            if (reply.Status != ScsiReply.Good || reply.Data.Length != SlotLayout.Length) throw new InitiatorException($"READ (16) of slot {slot}: {reply}");
            for (int offset = 0; offset < SlotLayout.Length; offset += blockLength, blocks++)
            {
                ulong block = SlotLayout.FirstBlock(slot, blockLength) + (ulong)(offset / blockLength);
                if (faults.Count < MostFaults && FindFault(reply.Data.AsSpan(offset, blockLength), block, blockLength, state) is { } fault) faults.Add(fault);
            }
        }

        if (ReservationKeeper.FindLoss(session) is { } loss) faults.Add(loss);
        session.Logout();
        return (blocks, faults);
    }

    /// <summary>A block holds the last stable write or a later one that was tried; nothing at all only where nothing is stable yet.</summary>
    internal static string? FindFault(ReadOnlySpan<byte> block, ulong number, int blockLength, SlotState state)
    {
        if (BlockStamp.GenerationOf(block) is not { } generation)
            return state.Stable == 0 ? null : $"block {number}: write {state.Stable} was acknowledged as stable and is lost: there is no stamp";
        if (BlockStamp.Check(block, number, blockLength, DurabilityWriter.StampWriter, generation) is { } fault) return fault;
        if (generation < state.Stable) return $"block {number}: write {state.Stable} was acknowledged as stable and is lost: it holds write {generation}";
        return generation > state.Tried ? $"block {number} holds write {generation}; the last one sent was {state.Tried}" : null;
    }
}
