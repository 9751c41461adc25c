namespace TgtModular.Sbc.Tests;

[TestClass]
public sealed class ConformanceTests : DeviceConformance
{
    protected override IDeviceTypeFactory Factory { get; } = new SbcFactory();
}

[TestClass]
public sealed class RemovableConformanceTests : DeviceConformance
{
    protected override IDeviceTypeFactory Factory { get; } = new SbcFactory();

    protected override IReadOnlyDictionary<string, object> CreateOptions() => new Dictionary<string, object> { ["removable"] = true, ["block_size"] = 4096L };
}
