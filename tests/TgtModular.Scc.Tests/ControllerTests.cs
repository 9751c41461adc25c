using TgtModular.Plugins;

namespace TgtModular.Scc.Tests;

[TestClass]
public sealed class ControllerTests
{
    [TestMethod]
    public void Manual_AgreesWithTheSchema()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Manual.md"));
        IReadOnlyList<string> problems = ManualCheck.Compare(manual, new SccFactory().Options);
        Assert.IsEmpty(problems, string.Join("; ", problems));
    }

    [TestMethod]
    public void Factory_NeedsNoStore()
    {
        Assert.IsEmpty(new SccFactory().StoreRoles);
        Assert.AreEqual(PeripheralDeviceType.ArrayController, new SccFactory().DeviceType);
    }

    [TestMethod]
    public async Task Table_IsWhatTheControllerDoes()
    {
        await using IDeviceServer controller = await CreateAsync(new TestUnit());
        CollectionAssert.AreEqual(new byte[] { 0x00, 0x03, 0x12 }, controller.Commands.Descriptors.Select(row => row.OperationCode).ToArray());
        Assert.AreEqual(CoreCommands.Standard, controller.CoreCommands);
    }

    [TestMethod]
    public async Task Commands_AnswerAsAController()
    {
        TestUnit unit = new(identity: new UnitIdentity("lun0", "IET", null, "0001", "beaf10", "IET     00010000", null));
        using TestHost host = new();
        await using IDeviceServer controller = await CreateAsync(unit);
        CommandDriver driver = new(controller, host, unit);
        Assert.AreEqual(ScsiOutcome.Good, (await driver.RunAsync(new byte[6])).Outcome);
        byte[] sense = (await driver.RunAsync(Convert.FromHexString("0300000012" + "00"))).DataIn;
        Assert.AreEqual("700000000000000A00000000000000000000", Convert.ToHexString(sense));
        byte[] inquiry = (await driver.RunAsync(Convert.FromHexString("120000002400"))).DataIn;
        Assert.AreEqual("0C0006025B000002" + "4945542020202020" + "436F6E74726F6C6C6572202020202020" + "30303031", Convert.ToHexString(inquiry));
        byte[] pages = (await driver.RunAsync(Convert.FromHexString("12010000FF00"))).DataIn;
        Assert.AreEqual("0C00000400808386", Convert.ToHexString(pages));
        Assert.AreEqual(new UnitGeometry(0, 0, false, false), unit.Geometry);
    }

    [TestMethod]
    [DataRow("25000000000000000000")]
    [DataRow("28000000000000000100")]
    [DataRow("1A003F00FF00")]
    [DataRow("A3000000000000000000FF00")]
    public async Task OtherCommands_AreInvalid(string cdb)
    {
        using TestHost host = new();
        TestUnit unit = new();
        await using IDeviceServer controller = await CreateAsync(unit);
        CommandResult result = await new CommandDriver(controller, host, unit).RunAsync(Convert.FromHexString(cdb));
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidOperationCode), result.Outcome);
    }

    private static async Task<IDeviceServer> CreateAsync(TestUnit unit)
    {
        using TestHost host = new();
        return await new SccFactory().CreateAsync(new DeviceServerContext(unit, OptionValues.Empty, host), CancellationToken.None);
    }
}
