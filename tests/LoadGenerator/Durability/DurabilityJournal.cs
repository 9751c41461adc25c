using System.Globalization;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>
/// What an initiator knows of each slot of a unit: the last write it tried, and the last one that the target has acknowledged as stable. Kept in a file,
/// so that it outlives the connection, the target's machine and this process. Any thread.
/// </summary>
public sealed class DurabilityJournal : IDisposable
{
    private const char Tried = 'T';
    private const char Stable = 'S';

    private readonly Lock _gate = new();
    private readonly Dictionary<int, SlotState> _slots = [];
    private readonly StreamWriter _writer;

    private DurabilityJournal(StreamWriter writer) => _writer = writer;

    /// <summary>The slots that were written to, or may have been.</summary>
    public IReadOnlyDictionary<int, SlotState> Slots => _slots;

    /// <summary>Reads the file, if there is one, and goes on behind it.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static DurabilityJournal Open(string path)
    {
        List<string> lines = File.Exists(path) ? [.. File.ReadLines(path)] : [];
        DurabilityJournal journal = new(new StreamWriter(path, append: true) { AutoFlush = true });
        foreach (string line in lines) journal.Apply(line);
        return journal;
    }

    /// <summary>A write is about to be sent; the generation it carries.</summary>
    public uint Begin(int slot)
    {
        lock (_gate)
        {
            uint generation = _slots.GetValueOrDefault(slot).Tried + 1;
            Record(Tried, slot, generation);
            return generation;
        }
    }

    /// <summary>The target has acknowledged that this write is stable.</summary>
    public void Acknowledge(int slot, uint generation)
    {
        lock (_gate) Record(Stable, slot, generation);
    }

    public void Dispose() => _writer.Dispose();

    private void Record(char kind, int slot, uint generation)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{kind} {slot} {generation}");
        Apply(line);
        _writer.WriteLine(line);
    }

    private void Apply(string line)
    {
        string[] parts = line.Split(' ');
        if (parts.Length != 3 || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int slot)
            || !uint.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint generation))
            throw new InvalidDataException($"'{line}' is no line of a durability journal");
        SlotState state = _slots.GetValueOrDefault(slot);
        _slots[slot] = parts[0][0] == Stable ? state with { Stable = Math.Max(state.Stable, generation) } : state with { Tried = Math.Max(state.Tried, generation) };
    }
}

/// <summary>What is known of a slot.</summary>
/// <param name="Tried">Generation of the last write that was sent; 0 for none.</param>
/// <param name="Stable">Generation of the last write that must survive a power cut; 0 for none.</param>
public readonly record struct SlotState(uint Tried, uint Stable);
