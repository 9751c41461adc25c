using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>Shape 7: a changer. It knows its drives by name only: they may be of another plugin and on another target.</summary>
internal sealed class ChangerDevice : IDeviceServer
{
    public const byte MoveMedium = 0xA5;
    public const ushort FirstSlot = 100;
    public const ushort FirstDrive = 500;

    private readonly ILogicalUnit _unit;
    private readonly string[] _drives;
    private readonly IBackingStore?[] _slots;

    public ChangerDevice(ILogicalUnit unit, params string[] drives)
    {
        _unit = unit;
        _drives = drives;
        // One role for each cartridge: slot0, slot1, and empty slots behind them.
        _slots = [.. unit.Stores.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => entry.Value), null, null];
        Commands = new CommandTable(
        [
            new CommandDescriptor
            {
                OperationCode = MoveMedium, Name = "MOVE MEDIUM", UsageMask = new byte[] { 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0x01, 0 },
                Handler = MoveAsync, Serialization = SerializationClass.Exclusive,
            },
        ]);
    }

    public PeripheralDeviceType DeviceType => PeripheralDeviceType.MediumChanger;

    public CommandTable Commands { get; }

    public bool IsFull(ushort slot) => _slots[slot - FirstSlot] is not null;

    public static byte[] Move(ushort from, ushort to)
    {
        byte[] cdb = new byte[12];
        cdb[0] = MoveMedium;
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(4), from);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(6), to);
        return cdb;
    }

    public ValueTask DisposeAsync() => default;

    private async ValueTask<ScsiOutcome> MoveAsync(ScsiCommand command)
    {
        ushort from = BinaryPrimitives.ReadUInt16BigEndian(command.Cdb[4..]);
        ushort to = BinaryPrimitives.ReadUInt16BigEndian(command.Cdb[6..]);
        (ScsiOutcome taken, IBackingStore? medium) = await TakeAsync(from, command.Aborted);
        if (medium is null) return taken;
        ScsiOutcome put = await PutAsync(to, medium, command.Aborted);
        // A medium is nowhere but in an element: what cannot be put down goes back.
        if (!put.IsGood) await PutAsync(from, medium, CancellationToken.None);
        return put;
    }

    private ValueTask<(ScsiOutcome Outcome, IBackingStore? Medium)> TakeAsync(ushort element, CancellationToken cancellationToken)
    {
        if (DriveAt(element) is { } drive) return drive.UnloadAsync(cancellationToken);
        int slot = element - FirstSlot;
        if (slot < 0 || slot >= _slots.Length) return new((Sense.Illegal(AdditionalSense.InvalidElementAddress), null));
        IBackingStore? medium = _slots[slot];
        _slots[slot] = null;
        return new((medium is null ? Sense.Illegal(AdditionalSense.MediumSourceElementEmpty) : ScsiOutcome.Good, medium));
    }

    private ValueTask<ScsiOutcome> PutAsync(ushort element, IBackingStore medium, CancellationToken cancellationToken)
    {
        if (DriveAt(element) is { } drive) return drive.LoadAsync(medium, $"TAPE{element}", cancellationToken);
        int slot = element - FirstSlot;
        if (slot < 0 || slot >= _slots.Length) return ScsiOutcome.Check(Sense.Illegal(AdditionalSense.InvalidElementAddress)).AsTask();
        if (_slots[slot] is not null) return ScsiOutcome.Check(Sense.Illegal(AdditionalSense.MediumDestinationElementFull)).AsTask();
        _slots[slot] = medium;
        return ScsiOutcome.Good.AsTask();
    }

    private IRemovableMedium? DriveAt(ushort element)
    {
        int drive = element - FirstDrive;
        return drive >= 0 && drive < _drives.Length ? _unit.Directory.FindMedium(_drives[drive]) : null;
    }
}
