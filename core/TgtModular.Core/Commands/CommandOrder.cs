using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Commands;

/// <summary>How a command enters the task set.</summary>
internal enum CommandOrder : byte
{
    /// <summary>Not in the task set.</summary>
    Outside,

    /// <summary>Enters with others while no barrier waits or runs.</summary>
    Free,

    /// <summary>Enters alone, in its turn.</summary>
    Barrier,

    /// <summary>Enters at once, whatever waits or runs.</summary>
    Front,

    /// <summary>Enters alone, as the next one.</summary>
    FrontBarrier,
}

/// <summary>The ordering policy as one matrix: task attribute (SAM-5 section 8.6) by serialization class.</summary>
internal static class Ordering
{
    private static readonly CommandOrder[,] Matrix =
    {
        // Concurrent            Read                Write               Exclusive
        { CommandOrder.Free, CommandOrder.Free, CommandOrder.Free, CommandOrder.Barrier }, // untagged
        { CommandOrder.Free, CommandOrder.Free, CommandOrder.Free, CommandOrder.Barrier }, // simple
        { CommandOrder.Barrier, CommandOrder.Barrier, CommandOrder.Barrier, CommandOrder.Barrier }, // ordered
        { CommandOrder.Front, CommandOrder.Front, CommandOrder.Front, CommandOrder.FrontBarrier }, // head of queue
        { CommandOrder.Front, CommandOrder.Front, CommandOrder.Front, CommandOrder.FrontBarrier }, // ACA
    };

    public static CommandOrder Of(TaskAttribute attribute, SerializationClass serialization) =>
        attribute > TaskAttribute.Aca ? CommandOrder.Free : Matrix[(int)attribute, (int)serialization];

    public static bool IsBarrier(this CommandOrder order) => order is CommandOrder.Barrier or CommandOrder.FrontBarrier;
}
