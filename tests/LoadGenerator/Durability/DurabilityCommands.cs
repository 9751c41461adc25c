using System.CommandLine;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>The commands for power cuts: one writes until the target is gone, the other looks afterwards what is there.</summary>
internal static class DurabilityCommands
{
    public static Command WriteUntilGone(Argument<TargetAddress> address)
    {
        Option<string> journal = Journal();
        Option<int> seed = new("--seed") { Description = "Where the randomness begins" };
        Command command = new("write-until-gone", "Writes, and notes what the target has acknowledged as stable, until the target is gone.") { address, journal, seed };
        command.SetAction(parsed => Guard(() =>
        {
            using DurabilityJournal notes = DurabilityJournal.Open(parsed.GetRequiredValue(journal));
            DurabilityWriter writer = new(parsed.GetRequiredValue(address), notes, parsed.GetValue(seed));
            writer.Run();
            Console.WriteLine($"{writer.Acknowledged} writes acknowledged as stable");
            return writer.Acknowledged > 0 ? 0 : 1;
        }));
        return command;
    }

    public static Command CheckStable(Argument<TargetAddress> address)
    {
        Option<string> journal = Journal();
        Command command = new("check-stable", "Checks that everything a journal says is stable is there, with registrations and reservation.") { address, journal };
        command.SetAction(parsed => Guard(() =>
        {
            using DurabilityJournal notes = DurabilityJournal.Open(parsed.GetRequiredValue(journal));
            (long blocks, IReadOnlyList<string> faults) = DurabilityCheck.Run(parsed.GetRequiredValue(address), notes);
            foreach (string fault in faults) Console.WriteLine(fault);
            Console.WriteLine($"{blocks} blocks read, {(faults.Count == 0 ? "all as they must be" : "faults found")}");
            return faults.Count == 0 ? 0 : 1;
        }));
        return command;
    }

    private static Option<string> Journal() => new("--journal") { Description = "The file of notes", Required = true };

    private static int Guard(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is InitiatorException or IOException or AggregateException { InnerException: InitiatorException })
        {
            Console.Error.WriteLine($"tgtload: {(fault is AggregateException ? fault.InnerException : fault)!.Message}");
            return 2;
        }
    }
}
