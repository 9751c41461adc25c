using System.Reflection;
using System.Runtime.Loader;
using TgtModular.ContractShapes.Engine;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>Changer and drive come from two load contexts, each with its own copy of this assembly; only Abstractions is shared.</summary>
[TestClass]
public sealed class ChangerDeviceTests
{
    private readonly MiniDirectory _directory = new();
    private readonly Cartridge _cartridge = new(10_000);
    private readonly IDeviceServer _drive;
    private readonly IDeviceServer _changer;
    private readonly MiniUnit _driveUnit;
    private readonly DirectTransport _driveInitiator;
    private readonly DirectTransport _changerInitiator;

    public ChangerDeviceTests()
    {
        _driveUnit = new MiniUnit("drive0", _directory);
        MiniUnit changerUnit = new("changer", _directory, ("slot0", _cartridge), ("slot1", new Cartridge(10_000)));
        _drive = Create<TapeDevice>(_driveUnit);
        _changer = Create<ChangerDevice>(changerUnit, (object)new[] { "drive0" });
        _driveInitiator = new DirectTransport(new MiniTarget("target-of-the-drive", (0, _drive)));
        _changerInitiator = new DirectTransport(new MiniTarget("target-of-the-changer", (0, _changer)));
    }

    [TestMethod]
    public void Contexts_AreTwo()
    {
        AssemblyLoadContext drive = AssemblyLoadContext.GetLoadContext(_drive.GetType().Assembly)!;
        AssemblyLoadContext changer = AssemblyLoadContext.GetLoadContext(_changer.GetType().Assembly)!;
        Assert.AreNotSame(drive, changer);
        Assert.AreNotEqual(typeof(TapeDevice), _drive.GetType(), "the drive's type is of its own context");
    }

    [TestMethod]
    public async Task Move_LoadsTheDriveOfAnotherTarget()
    {
        byte[] rewind = [TapeDevice.Rewind, 0, 0, 0, 0, 0];
        Assert.AreEqual(ScsiOutcome.Check(Sense.MediumNotPresent), (await _driveInitiator.RunAsync(rewind)).Outcome);
        Assert.AreEqual(ScsiOutcome.Good, (await MoveAsync(ChangerDevice.FirstSlot, ChangerDevice.FirstDrive)).Outcome);
        Assert.AreEqual(ScsiOutcome.Good, (await _driveInitiator.RunAsync(rewind)).Outcome);
        Assert.AreSame(_cartridge, _driveUnit.Medium!.Medium, "the core learns which store the drive works on");
        await _driveInitiator.RunAsync([TapeDevice.Write6, 0, 0, 0, 100, 0], new byte[100]);
        Assert.AreEqual(ScsiOutcome.Good, (await MoveAsync(ChangerDevice.FirstDrive, ChangerDevice.FirstSlot + 3)).Outcome);
        Assert.AreEqual(1, _cartridge.GetPartition(0).ObjectCount);
        Assert.AreEqual(1, _cartridge.Flushes, "what leaves the drive is durable");
    }

    [TestMethod]
    public async Task Move_IntoAFullDrive_PutsTheMediumBack()
    {
        await MoveAsync(ChangerDevice.FirstSlot, ChangerDevice.FirstDrive);
        Reply second = await MoveAsync(ChangerDevice.FirstSlot + 1, ChangerDevice.FirstDrive);
        Assert.AreEqual(AdditionalSense.MediumDestinationElementFull, second.Outcome.Sense.Additional);
        Assert.AreEqual(ScsiOutcome.Good, (await MoveAsync(ChangerDevice.FirstSlot + 1, ChangerDevice.FirstSlot + 2)).Outcome, "it is in its slot");
    }

    [TestMethod]
    public async Task Move_OutOfALockedDrive_IsRefusedByTheDrive()
    {
        await MoveAsync(ChangerDevice.FirstSlot, ChangerDevice.FirstDrive);
        _drive.GetType().GetProperty(nameof(TapeDevice.RemovalPrevented))!.SetValue(_drive, true);
        Reply move = await MoveAsync(ChangerDevice.FirstDrive, ChangerDevice.FirstSlot);
        Assert.AreEqual(ScsiOutcome.Check(Sense.MediumRemovalPrevented), move.Outcome);
    }

    private Task<Reply> MoveAsync(int from, int to) => _changerInitiator.RunAsync(ChangerDevice.Move((ushort)from, (ushort)to));

    private static IDeviceServer Create<T>(ILogicalUnit unit, params object[] more)
    {
        Assembly copy = new PluginContext().LoadFromAssemblyPath(typeof(T).Assembly.Location);
        return (IDeviceServer)Activator.CreateInstance(copy.GetType(typeof(T).FullName!)!, [unit, .. more])!;
    }

    /// <summary>Shares what the default context has already: the contract; the fakes' own assembly is loaded anew by its path.</summary>
    private sealed class PluginContext() : AssemblyLoadContext("plugin")
    {
        protected override Assembly? Load(AssemblyName assemblyName) => assemblyName.Name == typeof(IBackingStore).Assembly.GetName().Name
            ? typeof(IBackingStore).Assembly
            : null;
    }
}
