using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>A device server under test with its unit, and the commands that cases send.</summary>
internal sealed class DeviceFixture(IDeviceServer server, IDeviceTypeFactory factory, TestUnit unit, TestHost host, TimeSpan patience)
{
    public IDeviceServer Server => server;

    public IDeviceTypeFactory Factory => factory;

    public TestUnit Unit => unit;

    public TimeSpan Patience => patience;

    public CommandDriver Driver { get; } = new(server, host, unit);

    public bool Has(byte operationCode) => server.Commands.Descriptors.Any(row => row.OperationCode == operationCode);

    public async Task<CommandResult> RunAsync(byte[] cdb, byte[]? dataOut = null, long? expectedIn = null)
    {
        try
        {
            CommandResult result = await Driver.RunAsync(cdb, dataOut ?? default(ReadOnlyMemory<byte>), expectedIn);
            CheckSense(cdb, result.Outcome);
            return result;
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or UnitTestAssertException))
        {
            throw new AssertFailedException($"{Convert.ToHexString(cdb)} threw: the device server answers with outcomes, never with exceptions", fault);
        }
    }

    /// <summary>Runs a command that must be refused so.</summary>
    public async Task RefuseAsync(byte[] cdb, SenseData sense, string why)
    {
        CommandResult result = await RunAsync(cdb);
        Assert.AreEqual(ScsiOutcome.Check(sense), result.Outcome, $"{Convert.ToHexString(cdb)}: {why}");
    }

    /// <summary>The data of a command that must end with GOOD.</summary>
    public async Task<byte[]> DataAsync(byte[] cdb)
    {
        CommandResult result = await RunAsync(cdb);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome, Convert.ToHexString(cdb));
        return result.DataIn;
    }

    /// <summary>A CDB of a row with nothing but its numbers in it.</summary>
    public static byte[] Cdb(CommandDescriptor row)
    {
        byte[] cdb = new byte[row.UsageMask.Length];
        cdb[0] = row.OperationCode;
        if (row.OperationCode == OpCode.VariableLength)
        {
            cdb[7] = (byte)(cdb.Length - 8);
            cdb[8] = (byte)(row.ServiceAction.GetValueOrDefault() >> 8);
            cdb[9] = (byte)row.ServiceAction.GetValueOrDefault();
        }
        else if (row.ServiceAction is { } action)
        {
            cdb[1] = (byte)action;
        }

        return cdb;
    }

    /// <summary>Both forms of the sense data can be written, and say the same (SPC-4 section 4.5).</summary>
    private static void CheckSense(byte[] cdb, ScsiOutcome outcome)
    {
        if (outcome.Status != ScsiStatus.CheckCondition) return;
        Span<byte> data = stackalloc byte[SenseData.MaxLength];
        int length = outcome.Sense.Write(data, descriptorFormat: true);
        Assert.AreEqual(length - 8, data[7], $"additional sense length after {Convert.ToHexString(cdb)}");
        bool says = outcome.Sense.Key != SenseKey.NoSense || outcome.Sense.Filemark || outcome.Sense.EndOfMedium || outcome.Sense.IncorrectLength
            || outcome.Sense.Additional != AdditionalSense.None;
        Assert.IsTrue(says, $"{Convert.ToHexString(cdb)} ended with CHECK CONDITION and says nothing");
    }
}
