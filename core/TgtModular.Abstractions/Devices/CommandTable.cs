using System.Collections.Frozen;
using System.Numerics;
using TgtModular.Scsi;

namespace TgtModular.Devices;

/// <summary>The commands of a device server. Built once; looked up without allocation.</summary>
public sealed class CommandTable
{
    private const int VariableLengthHeader = 8;

    private readonly Entry?[] _entries = new Entry?[256];

    /// <summary>A table of these rows.</summary>
    /// <exception cref="ArgumentException">Two rows claim the same command, or a mask has a wrong length.</exception>
    public CommandTable(IEnumerable<CommandDescriptor> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        List<CommandDescriptor> all = [];
        foreach (IGrouping<byte, CommandDescriptor> group in descriptors.Select(WithFilledMask).GroupBy(row => row.OperationCode))
        {
            CommandDescriptor[] rows = [.. group.OrderBy(row => row.ServiceAction)];
            if (rows.Select(row => row.ServiceAction).Distinct().Count() != rows.Length || (rows.Length > 1 && rows.Any(row => row.ServiceAction is null)))
                throw new ArgumentException($"operation code {group.Key:X2}h has two rows for one command", nameof(descriptors));
            _entries[group.Key] = rows[0].ServiceAction is null
                ? new Entry(rows[0], null)
                : new Entry(null, rows.ToFrozenDictionary(row => row.ServiceAction!.Value));
            all.AddRange(rows);
        }

        Descriptors = [.. all.OrderBy(row => row.OperationCode).ThenBy(row => row.ServiceAction)];
    }

    /// <summary>All rows, by operation code and service action.</summary>
    public IReadOnlyList<CommandDescriptor> Descriptors { get; }

    /// <summary>Finds the row of a CDB.</summary>
    /// <param name="cdb">The CDB.</param>
    /// <param name="refusal">When there is no row: INVALID COMMAND OPERATION CODE, or INVALID FIELD IN CDB at the service action.</param>
    public CommandDescriptor? Find(ReadOnlySpan<byte> cdb, out SenseData refusal)
    {
        refusal = default;
        Entry? entry = cdb.IsEmpty ? null : _entries[cdb[0]];
        if (entry is null)
        {
            refusal = Sense.InvalidOperationCode;
            return null;
        }

        if (entry.Single is { } single) return single;
        int serviceAction = ReadServiceAction(cdb);
        if (serviceAction >= 0 && entry.ByServiceAction!.TryGetValue(serviceAction, out CommandDescriptor? row)) return row;
        refusal = cdb[0] == OpCode.VariableLength ? Sense.InvalidFieldInCdb(8) : Sense.InvalidFieldInCdb(1, 4);
        return null;
    }

    /// <summary>True when the operation code has service actions.</summary>
    public bool HasServiceActions(byte operationCode) => _entries[operationCode]?.ByServiceAction is not null;

    /// <summary>Finds a row by its numbers; null when there is none.</summary>
    public CommandDescriptor? Find(byte operationCode, int? serviceAction)
    {
        Entry? entry = _entries[operationCode];
        if (entry?.Single is { } single) return single;
        return serviceAction is { } action && entry is not null && entry.ByServiceAction!.TryGetValue(action, out CommandDescriptor? row) ? row : null;
    }

    /// <summary>Checks a CDB against its row's mask.</summary>
    /// <returns>False with a field pointer at the first bit that is set and not looked at.</returns>
    public static bool IsAcceptable(CommandDescriptor descriptor, ReadOnlySpan<byte> cdb, out SenseData refusal)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ReadOnlySpan<byte> mask = descriptor.UsageMask.Span;
        ReadOnlySpan<byte> ignored = descriptor.IgnoredMask.Span;
        refusal = default;
        if (cdb.Length < mask.Length)
        {
            refusal = Sense.InvalidFieldInCdb(cdb.Length);
            return false;
        }

        // ADDITIONAL CDB LENGTH counts what follows it (SPC-5 section 4.2.3): another length is another layout.
        if (descriptor.OperationCode == OpCode.VariableLength && cdb[7] != mask.Length - VariableLengthHeader)
        {
            refusal = Sense.InvalidFieldInCdb(7);
            return false;
        }

        for (int i = 1; i < mask.Length; i++)
        {
            int illegal = cdb[i] & ~mask[i] & 0xFF;
            if (illegal == 0) continue;
            if (i < ignored.Length) illegal &= ~ignored[i];
            if (illegal == 0) continue;
            if (IsServiceActionByte(descriptor, i)) illegal &= descriptor.OperationCode == OpCode.VariableLength ? 0 : 0xE0;
            if (illegal == 0) continue;
            refusal = Sense.InvalidFieldInCdb(i, BitOperations.Log2((uint)illegal));
            return false;
        }

        return true;
    }

    private static bool IsServiceActionByte(CommandDescriptor descriptor, int index) => descriptor.ServiceAction is not null &&
        (descriptor.OperationCode == OpCode.VariableLength ? index is 8 or 9 : index == 1);

    private static int ReadServiceAction(ReadOnlySpan<byte> cdb)
    {
        if (cdb[0] == OpCode.VariableLength) return cdb.Length >= 10 ? (cdb[8] << 8) | cdb[9] : -1;
        return cdb.Length >= 2 ? cdb[1] & 0x1F : -1;
    }

    private static CommandDescriptor WithFilledMask(CommandDescriptor row)
    {
        byte[] mask = row.UsageMask.ToArray();
        if (mask.Length is < 6 or > ScsiCommand.MaxCdbLength) throw new ArgumentException($"the usage mask of {row.Name} has {mask.Length} bytes");
        if (row.IgnoredMask.Length != 0 && row.IgnoredMask.Length != mask.Length) throw new ArgumentException($"the two masks of {row.Name} differ in length");
        mask[0] = row.OperationCode;
        if (row.ServiceAction is { } action)
        {
            if (row.OperationCode == OpCode.VariableLength)
            {
                mask[7] = 0xFF;
                mask[8] = (byte)(action >> 8);
                mask[9] = (byte)action;
            }
            else
            {
                mask[1] = (byte)((mask[1] & 0xE0) | action);
            }
        }

        return row with { UsageMask = mask };
    }

    private sealed record Entry(CommandDescriptor? Single, FrozenDictionary<int, CommandDescriptor>? ByServiceAction);
}
