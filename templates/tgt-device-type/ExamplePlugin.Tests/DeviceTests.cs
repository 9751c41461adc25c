using System.Text;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.TestKit;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace ExamplePlugin.Tests;

/// <summary>What every device type must do: mandatory commands, each bit of each CDB, pages, aborts, fuzzed CDBs. Say what makes the unit; the cases are inherited.</summary>
[TestClass]
public sealed class DeviceTests : DeviceConformance
{
    /// <inheritdoc/>
    protected override IDeviceTypeFactory Factory { get; } = new DeviceTypeFactory();

    [TestMethod]
    public async Task LogSense_OwnPage_TellsHowOftenItWasAsked()
    {
        var unit = new TestUnit();
        var options = new OptionValues(Factory.Options, new Dictionary<string, object> { ["greeting"] = "good day" });
        await using IDeviceServer device = await Factory.CreateAsync(new DeviceServerContext(unit, options, Host), CancellationToken.None);
        var driver = new CommandDriver(device, Host, unit);
        byte[] logSense = [0x4D, 0, 0x40 | 0x30, 0, 0, 0, 0, 0, 255, 0];

        _ = await driver.RunAsync(logSense);
        byte[] page = (await driver.RunAsync(logSense)).DataIn;

        Assert.AreEqual(0x30, page[0] & 0x3F);
        Assert.AreEqual(2, page[15], "the counter of parameter 0");
        Assert.AreEqual("good day", Encoding.ASCII.GetString(page.AsSpan(20)));
    }
}
