using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>A device whose one command, C1h, writes at the offset in CDB byte 1 of its store; C2h asks nothing of it.</summary>
internal sealed class StoreProbe(ILogicalUnit unit) : IDeviceServer
{
    public const byte Write = 0xC1, Ask = 0xC2;

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    public CoreCommands CoreCommands => CoreCommands.All;

    public CommandTable Commands => new(
    [
        Row(Write, SerializationClass.Write, command => WriteAsync((IBlockStore)unit.Stores["store"], command)), Row(Ask, SerializationClass.Concurrent, _ => default),
    ]);

    public void StoreResized(string role, long length) => unit.EstablishUnitAttention(AdditionalSense.CapacityDataHasChanged);

    public void Reset()
    {
    }

    public void NexusLost(INexusView nexus)
    {
    }

    public ValueTask DisposeAsync() => default;

    private static CommandDescriptor Row(byte code, SerializationClass serialization, CommandHandler handler) => new()
    {
        OperationCode = code,
        Name = "PROBE",
        UsageMask = new byte[] { 0, 0xFF, 0, 0, 0xFF, 0 },
        Serialization = serialization,
        Reservation = ReservationRule.Allowed,
        Handler = handler,
    };

    private static async ValueTask<ScsiOutcome> WriteAsync(IBlockStore store, ScsiCommand command)
    {
        StorageResult result = await store.WriteAsync(command.Cdb[1], default, WriteOptions.None, command.Aborted);
        return result.IsOk ? ScsiOutcome.Good : Sense.CommunicationFailure;
    }

    internal sealed class Factory : IDeviceTypeFactory
    {
        public OptionSchema Options => OptionSchema.Empty;

        public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

        public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IDeviceServer>(new StoreProbe(context.Unit));
    }
}

/// <summary>Opens what the test says.</summary>
internal sealed class ProbeStoreFactory(Func<IBackingStore> open) : IStoreFactory
{
    public OptionSchema Options { get; init; } = OptionSchema.Empty;

    public int LowerCount { get; init; }

    public StoreUpgrade Upgrade { get; init; } = StoreUpgrade.Unnoticed;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => ValueTask.FromResult(open());
}
