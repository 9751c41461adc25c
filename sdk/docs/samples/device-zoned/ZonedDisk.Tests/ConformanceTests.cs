using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Devices;
using TgtModular.TestKit;

[assembly: Parallelize(Scope = ExecutionScope.MethodLevel)]

namespace Samples.Zoned.Tests;

/// <summary>What every device type must do; the cases are inherited.</summary>
[TestClass]
public sealed class ConformanceTests : DeviceConformance
{
    protected override IDeviceTypeFactory Factory { get; } = new ZonedFactory();

    protected override IReadOnlyDictionary<string, object> CreateOptions() => Disk.Options;
}
