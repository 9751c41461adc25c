namespace TgtModular.Scsi.Primary.Tests;

/// <summary>A device server made of rows alone.</summary>
internal sealed class RowServer(IEnumerable<CommandDescriptor> rows) : IDeviceServer
{
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public CommandTable Commands { get; } = new(rows);

    public SenseData? NotReady { get; set; }

    public bool CheckReady(out SenseData notReady)
    {
        notReady = NotReady ?? default;
        return NotReady is null;
    }

    public ValueTask DisposeAsync() => default;
}

/// <summary>Rows on the bench.</summary>
internal sealed class RowBench : IDisposable
{
    public RowBench(params CommandDescriptor[] rows)
        : this(new TestUnit(), rows)
    {
    }

    public RowBench(TestUnit unit, params CommandDescriptor[] rows)
    {
        Unit = unit;
        Server = new RowServer(rows);
        Driver = new CommandDriver(Server, Host, unit);
    }

    public TestHost Host { get; } = new();

    public TestUnit Unit { get; }

    public RowServer Server { get; }

    public CommandDriver Driver { get; }

    public void Dispose() => Host.Dispose();

    public ValueTask<CommandResult> RunAsync(string cdb, byte[]? dataOut = null, INexusView? nexus = null) =>
        Driver.RunAsync(Hex(cdb), dataOut ?? default(ReadOnlyMemory<byte>), nexus: nexus);

    public async Task<byte[]> GoodAsync(string cdb, byte[]? dataOut = null, INexusView? nexus = null)
    {
        CommandResult result = await RunAsync(cdb, dataOut, nexus);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome, cdb);
        return result.DataIn;
    }

    public async Task SenseAsync(SenseData expected, string cdb, byte[]? dataOut = null) =>
        Assert.AreEqual(ScsiOutcome.Check(expected), (await RunAsync(cdb, dataOut)).Outcome, cdb);

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
