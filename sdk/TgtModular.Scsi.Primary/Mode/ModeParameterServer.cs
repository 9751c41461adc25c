using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Plugins;

namespace TgtModular.Scsi.Primary;

/// <summary>MODE SENSE and MODE SELECT, six and ten bytes (SPC-4 sections 6.9 to 6.12), with saved pages in the journal.</summary>
public sealed partial class ModeParameterServer : IDisposable
{
    /// <summary>Key of the saved pages in the unit's journal.</summary>
    public const string JournalKey = "mode-pages";

    private readonly IModeParameterOwner _owner;
    private readonly ILogicalUnit _unit;
    private readonly IPluginHost _host;
    private readonly SemaphoreSlim _changing = new(1, 1);

    /// <summary>The mode commands of a unit.</summary>
    public ModeParameterServer(ModePageSet pages, IModeParameterOwner owner, ILogicalUnit unit, IPluginHost host)
    {
        ArgumentNullException.ThrowIfNull(pages);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(unit);
        ArgumentNullException.ThrowIfNull(host);
        Pages = pages;
        _owner = owner;
        _unit = unit;
        _host = host;
    }

    /// <summary>The pages.</summary>
    public ModePageSet Pages { get; }

    /// <summary>The rows of the four commands.</summary>
    public IEnumerable<CommandDescriptor> Rows()
    {
        yield return new CommandDescriptor
        {
            OperationCode = OpCode.ModeSense6,
            Name = "MODE SENSE(6)",
            UsageMask = CdbMask.Of("1A 08 FF FF FF 00"),
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, cdb[4]),
            Reservation = ReservationRule.Read,
            Handler = command => Sense6Or10(command, longHeader: false),
        };
        yield return new CommandDescriptor
        {
            OperationCode = OpCode.ModeSense10,
            Name = "MODE SENSE(10)",
            UsageMask = CdbMask.Of("5A 18 FF FF 000000 FFFF 00"),
            Direction = DataDirection.In,
            DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt16BigEndian(cdb[7..])),
            Reservation = ReservationRule.Read,
            Handler = command => Sense6Or10(command, longHeader: true),
        };
        yield return new CommandDescriptor
        {
            OperationCode = OpCode.ModeSelect6,
            Name = "MODE SELECT(6)",
            UsageMask = CdbMask.Of("15 11 0000 FF 00"),
            Direction = DataDirection.Out,
            DataLength = cdb => new DataLengths(cdb[4], 0),
            Serialization = SerializationClass.Exclusive,
            Handler = command => SelectAsync(command, longHeader: false),
        };
        yield return new CommandDescriptor
        {
            OperationCode = OpCode.ModeSelect10,
            Name = "MODE SELECT(10)",
            UsageMask = CdbMask.Of("55 11 0000000000 FFFF 00"),
            Direction = DataDirection.Out,
            DataLength = cdb => new DataLengths(BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]), 0),
            Serialization = SerializationClass.Exclusive,
            Handler = command => SelectAsync(command, longHeader: true),
        };
    }

    /// <summary>Takes saved values out of the journal and makes them current. Call once, before the unit serves.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? document = await _host.Journal.LoadAsync(JournalKey, cancellationToken);
        if (document is { } saved && !Pages.TryLoad(saved.Span)) LogUnreadable(_host.Logger, _unit.Identity.Name);
        _owner.Changed();
    }

    /// <summary>Back to saved values, as a logical unit reset does.</summary>
    public void Reset()
    {
        Pages.Reset();
        _owner.Changed();
    }

    /// <summary>Changes pages at an administrator's wish, not saved; every nexus is told.</summary>
    public ValueTask<ScsiOutcome> ChangeAsync(IReadOnlyList<ModePageChange> changes, CancellationToken cancellationToken) =>
        ApplyAsync(changes, save: false, origin: null, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private ValueTask<ScsiOutcome> Sense6Or10(ScsiCommand command, bool longHeader)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        bool withDescriptors = (cdb[1] & 0x08) == 0; // DBD
        bool longLba = longHeader && (cdb[1] & 0x10) != 0; // LLBAA
        ModePageControl control = (ModePageControl)(cdb[2] >> 6);
        ArrayBufferWriter<byte> pages = new();
        byte code = (byte)(cdb[2] & 0x3F);
        if (!Pages.TryWrite(pages, control, code, cdb[3])) return ScsiOutcome.Check(UnknownPage(code)).AsTask();
        Span<byte> data = stackalloc byte[8 + 16];
        data.Clear();
        int headerLength = longHeader ? 8 : 4;
        int descriptorLength = withDescriptors ? _owner.WriteBlockDescriptor(data[headerLength..], longLba) : 0;
        int total = headerLength + descriptorLength + pages.WrittenCount;
        if (longHeader)
        {
            BinaryPrimitives.WriteUInt16BigEndian(data, (ushort)(total - 2));
            data[2] = _owner.MediumType;
            data[3] = _owner.DeviceSpecificParameter;
            data[4] = (byte)(longLba && descriptorLength > 0 ? 0x01 : 0);
            BinaryPrimitives.WriteUInt16BigEndian(data[6..], (ushort)descriptorLength);
        }
        else
        {
            data[0] = (byte)Math.Min(total - 1, byte.MaxValue);
            data[1] = _owner.MediumType;
            data[2] = _owner.DeviceSpecificParameter;
            data[3] = (byte)descriptorLength;
        }

        return command.Reply([.. data[..(headerLength + descriptorLength)], .. pages.WrittenSpan]);
    }

    private SenseData UnknownPage(byte code) =>
        code == ModePageSet.AllPages || Pages.Pages.Any(page => page.Code == code) ? Sense.InvalidFieldInCdb(3) : Sense.InvalidFieldInCdb(2, 5);

    private async ValueTask<ScsiOutcome> SelectAsync(ScsiCommand command, bool longHeader)
    {
        int length = longHeader ? BinaryPrimitives.ReadUInt16BigEndian(command.Cdb[7..]) : command.Cdb[4];
        bool pageFormat = (command.Cdb[1] & 0x10) != 0;
        bool save = (command.Cdb[1] & 0x01) != 0;
        if (length == 0) return ScsiOutcome.Good;
        if (!pageFormat) return Sense.InvalidFieldInCdb(1, 4);
        if (command.DataOut.Length < length) return Sense.ParameterListLengthError;
        byte[] list = command.DataOut.Slice(0, length).ToArray();
        if (ModeParameterList.Read(list, longHeader, Pages, _owner, out List<ModePageChange> changes) is { } refusal) return refusal;
        return await ApplyAsync(changes, save, command.Nexus, command.Aborted);
    }

    private async ValueTask<ScsiOutcome> ApplyAsync(
        IReadOnlyList<ModePageChange> changes, bool save, INexusView? origin, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(CancellationToken.None);
        try
        {
            ModePageChange[] different = [.. changes.Where(change => !change.Values.Span.SequenceEqual(change.Page.Current.Span))];
            if (different.Length > 0)
            {
                ScsiOutcome outcome = await _owner.ChangingAsync(different, cancellationToken);
                if (!outcome.IsGood)
                {
                    _owner.Changed(); // what was prepared is taken back
                    return outcome;
                }

                foreach (ModePageChange change in different) change.Page.SetCurrent(change.Values.Span);
                _owner.Changed();
                Announce(origin);
            }

            return save ? await SaveAsync(cancellationToken) : ScsiOutcome.Good;
        }
        finally
        {
            _changing.Release();
        }
    }

    private void Announce(INexusView? origin) => _unit.EstablishUnitAttention(
        AdditionalSense.ModeParametersChanged, origin is null ? UnitAttentionScope.All : UnitAttentionScope.AllButOne, origin);

    private async ValueTask<ScsiOutcome> SaveAsync(CancellationToken cancellationToken)
    {
        if (!Pages.Pages.Any(page => page.Savable)) return Sense.SavingParametersNotSupported;
        try
        {
            await _host.Journal.SaveAsync(JournalKey, Pages.ToDocument(), cancellationToken);
            Pages.SaveCurrent();
            return ScsiOutcome.Good;
        }
        catch (IOException failure)
        {
            LogSaveFailed(_host.Logger, _unit.Identity.Name, failure);
            return Sense.InternalTargetFailure;
        }
        catch (OperationCanceledException)
        {
            return Sense.Aborted(AdditionalSense.None);
        }
    }

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "unit {Unit}: its saved mode pages cannot be read; the defaults hold")]
    private static partial void LogUnreadable(ILogger logger, string unit);

    [LoggerMessage(EventId = 4002, Level = LogLevel.Error, Message = "unit {Unit}: mode pages cannot be saved")]
    private static partial void LogSaveFailed(ILogger logger, string unit, Exception failure);
}
