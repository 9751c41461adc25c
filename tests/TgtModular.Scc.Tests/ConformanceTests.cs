namespace TgtModular.Scc.Tests;

[TestClass]
public sealed class ConformanceTests : DeviceConformance
{
    protected override IDeviceTypeFactory Factory { get; } = new SccFactory();
}
