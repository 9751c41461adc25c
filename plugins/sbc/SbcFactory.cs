using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>Makes disks: <c>device = "sbc"</c>.</summary>
[ExportDeviceType("sbc")]
public sealed class SbcFactory : IDeviceTypeFactory
{
    /// <summary>Role of the one store a disk has.</summary>
    internal const string StoreRole = "store";

    /// <inheritdoc/>
    public OptionSchema Options => SbcOptions.Schema;

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    /// <inheritdoc/>
    public async ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string unit = context.Unit.Identity.Name;
        if (!context.Unit.Stores.TryGetValue(StoreRole, out IBackingStore? backing) || backing is not IBlockStore store)
            throw new DeviceServerException($"unit {unit}: a disk needs a block store; its store is of another kind");
        DiskAbilities abilities = DiskAbilities.Create(unit, context.Options, store.Info, context.Unit.MaximumTransferLength);
        if (store.Length < abilities.BlockLength)
            throw new DeviceServerException($"unit {unit}: its store has {store.Length} bytes, less than one block of {abilities.BlockLength}");
        Disk disk = new(context, store, abilities);
        await disk.StartAsync(cancellationToken);
        return disk;
    }
}
