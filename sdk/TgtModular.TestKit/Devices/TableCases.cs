using System.Numerics;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

internal static class TableCases
{
    /// <summary>
    /// Bits that SPC-4 defines in commands of every device type (sections 6.6 to 6.47); CONTROL is left out. A mask that has others claims to look at what
    /// has no meaning, and a command that sets them is carried out as if it had not.
    /// </summary>
    private static readonly (byte Code, string Bits)[] Defined =
    [
        (OpCode.TestUnitReady, "000000000000"),
        (OpCode.RequestSense, "03010000FF00"),
        (OpCode.Inquiry, "1201FFFFFF00"),
        (OpCode.ModeSelect6, "15130000FF00"),
        (OpCode.ModeSense6, "1A08FFFFFF00"),
        (OpCode.LogSelect, "4C03FFFF000000FFFF00"),
        (OpCode.LogSense, "4D01FFFF00FFFFFFFF00"),
        (OpCode.ModeSelect10, "55130000000000FFFF00"),
        (OpCode.ModeSense10, "5A18FFFF000000FFFF00"),
    ];

    /// <summary>INQUIRY, REPORT LUNS, REQUEST SENSE and TEST UNIT READY (SPC-4 table 123).</summary>
    public static void Mandatory(DeviceFixture fixture)
    {
        foreach (byte code in new[] { OpCode.Inquiry, OpCode.RequestSense, OpCode.TestUnitReady })
            Assert.IsTrue(fixture.Has(code), $"operation code {code:X2}h is mandatory");
        bool lists = fixture.Server.CoreCommands.HasFlag(CoreCommands.ReportLuns) || fixture.Has(OpCode.ReportLuns);
        Assert.IsTrue(lists, "REPORT LUNS is mandatory: the core's, or its own");
    }

    public static void LeavesTheCoreItsOwn(DeviceFixture fixture)
    {
        (CoreCommands Part, byte[] Codes)[] parts =
        [
            (CoreCommands.ReportLuns, [OpCode.ReportLuns]),
            (CoreCommands.LegacyReservations, [OpCode.Reserve6, OpCode.Release6, OpCode.Reserve10, OpCode.Release10]),
            (CoreCommands.PersistentReservations, [OpCode.PersistentReserveIn, OpCode.PersistentReserveOut]),
        ];
        foreach ((CoreCommands part, byte[] codes) in parts.Where(part => fixture.Server.CoreCommands.HasFlag(part.Part)))
        {
            foreach (byte code in codes) Assert.IsFalse(fixture.Has(code), $"operation code {code:X2}h is answered by the core ({part}) and stands in the table");
        }
    }

    public static void RowsAreConsistent(DeviceFixture fixture)
    {
        foreach (CommandDescriptor row in fixture.Server.Commands.Descriptors)
        {
            int length = row.UsageMask.Length;
            Assert.IsTrue(row.Name.Length > 0 && !row.Name.Any(char.IsLower), $"'{row.Name}' is not a standard's name");
            if (GroupLength(row.OperationCode) is { } group) Assert.AreEqual(group, length, $"length of a CDB of {row.Name} (SPC-4 section 4.2.2)");
            if (!row.IgnoredMask.IsEmpty) Assert.AreEqual(length, row.IgnoredMask.Length, $"ignored mask of {row.Name}");
            CheckLengths(row, DeviceFixture.Cdb(row));
            CheckLengths(row, [.. row.UsageMask.Span]);
        }
    }

    public static void ReservedBits(DeviceFixture fixture)
    {
        foreach ((byte code, string bits) in Defined)
        {
            if (fixture.Server.Commands.Find(code, null) is not { } row) continue;
            byte[] defined = Convert.FromHexString(bits);
            for (int position = 1; position < Math.Min(defined.Length, row.UsageMask.Length) - 1; position++)
            {
                int reserved = row.UsageMask.Span[position] & ~defined[position];
                Assert.AreEqual(0, reserved, $"the mask of {row.Name} has reserved bits {reserved:X2}h in byte {position}");
            }
        }
    }

    public static async Task OthersAreInvalidAsync(DeviceFixture fixture)
    {
        for (int code = 0; code <= 0xFF; code++)
        {
            byte[] cdb = new byte[32];
            cdb[0] = (byte)code;
            if (!fixture.Has((byte)code)) await fixture.RefuseAsync(cdb, Sense.InvalidOperationCode, "an operation code without a row");
            else if (code != OpCode.VariableLength && fixture.Server.Commands.HasServiceActions((byte)code)) await ActionsAsync(fixture, (byte)code);
        }
    }

    /// <summary>Each bit of each CDB that its row does not look at is refused, with a pointer at the bit (SPC-4 section 4.5.2.4.2).</summary>
    public static async Task BitsOutsideAsync(DeviceFixture fixture)
    {
        foreach (CommandDescriptor row in fixture.Server.Commands.Descriptors)
        {
            for (int bit = 8; bit < row.UsageMask.Length * 8; bit++)
            {
                (int position, int mask) = (bit / 8, 1 << (bit % 8));
                bool looked = ((row.UsageMask.Span[position] | Ignored(row, position)) & mask) != 0;
                if (looked || IsNumber(row, position, mask)) continue;
                byte[] cdb = DeviceFixture.Cdb(row);
                cdb[position] |= (byte)mask;
                await fixture.RefuseAsync(cdb, Sense.InvalidFieldInCdb(position, BitOperations.Log2((uint)mask)), $"{row.Name} does not look at this bit");
            }
        }
    }

    /// <summary>Each bit of each CDB that its row looks at, alone: whatever it means, the command is answered.</summary>
    public static async Task BitsInsideAsync(DeviceFixture fixture)
    {
        foreach (CommandDescriptor row in fixture.Server.Commands.Descriptors)
        {
            await ImplementedAsync(fixture, row, DeviceFixture.Cdb(row));
            for (int bit = 8; bit < row.UsageMask.Length * 8; bit++)
            {
                (int position, int mask) = (bit / 8, 1 << (bit % 8));
                if ((row.UsageMask.Span[position] & mask) == 0 || IsNumber(row, position, mask)) continue;
                byte[] cdb = DeviceFixture.Cdb(row);
                cdb[position] |= (byte)mask;
                await ImplementedAsync(fixture, row, cdb);
            }
        }
    }

    /// <summary>REPORT SUPPORTED OPERATION CODES lists the row: whatever the command ends with, it is not that there is no such command.</summary>
    private static async Task ImplementedAsync(DeviceFixture fixture, CommandDescriptor row, byte[] cdb)
    {
        CommandResult result = await fixture.RunAsync(cdb, new byte[Math.Min(row.DataLength(cdb).Out, 1 << 16)]);
        Assert.AreNotEqual(ScsiOutcome.Check(Sense.InvalidOperationCode), result.Outcome, $"{row.Name} has a row and says that it does not exist");
    }

    private static async Task ActionsAsync(DeviceFixture fixture, byte code)
    {
        for (int action = 0; action < 32; action++)
        {
            byte[] cdb = new byte[32];
            (cdb[0], cdb[1]) = (code, (byte)action);
            if (fixture.Server.Commands.Find(code, action) is null) await fixture.RefuseAsync(cdb, Sense.InvalidFieldInCdb(1, 4), "a service action without a row");
        }
    }

    private static void CheckLengths(CommandDescriptor row, byte[] cdb)
    {
        DataLengths lengths = row.DataLength(cdb);
        Assert.IsTrue(lengths.Out >= 0 && lengths.In >= 0, $"{row.Name} has negative data lengths for {Convert.ToHexString(cdb)}");
        Assert.IsTrue(lengths.Out == 0 || row.Direction.HasFlag(DataDirection.Out), $"{row.Name} takes Data-Out, its row says {row.Direction}");
        Assert.IsTrue(lengths.In == 0 || row.Direction.HasFlag(DataDirection.In), $"{row.Name} gives Data-In, its row says {row.Direction}");
    }

    private static byte Ignored(CommandDescriptor row, int position) => position < row.IgnoredMask.Length ? row.IgnoredMask.Span[position] : (byte)0;

    /// <summary>Bits by which the row was found.</summary>
    private static bool IsNumber(CommandDescriptor row, int position, int mask)
    {
        if (row.OperationCode == OpCode.VariableLength) return position is 7 or 8 or 9;
        return row.ServiceAction is not null && position == 1 && (mask & 0x1F) != 0;
    }

    /// <summary>Length of a CDB by the group code (SPC-4 section 4.2.5.1); null where the code does not tell.</summary>
    private static int? GroupLength(byte code) => (code >> 5) switch
    {
        0 => 6,
        1 or 2 => 10,
        4 => 16,
        5 => 12,
        _ => null,
    };
}
