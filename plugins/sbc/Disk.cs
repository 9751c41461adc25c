using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>The device server of a direct access block device (SBC-3).</summary>
internal sealed partial class Disk : IDeviceServer, IParameterVerbs, IUnitConditionSource, IModeParameterOwner
{
    private const string DefaultProduct = "VIRTUAL-DISK";
    private const byte DpoFua = 0x10;
    private const byte WriteProtect = 0x80;

    private readonly ILogicalUnit _unit;
    private readonly IPluginHost _host;
    private readonly BlockMedium _medium;
    private readonly DiskModePages _pages;
    private readonly ModeParameterServer _mode;
    private readonly RemovalPrevention _prevention = new();
    private readonly MediumAccess _access;
    private readonly FormatUnitCommand _format;
    private readonly DiskParameters _parameters;
    private volatile DiskProfile _profile;
    private volatile bool _readOnly;

    public Disk(DeviceServerContext context, IBlockStore store, DiskAbilities abilities)
    {
        _unit = context.Unit;
        _host = context.Host;
        OptionValues options = context.Options;
        _medium = new BlockMedium(store, abilities, _unit, _host) { WriteCacheEnabled = false }; // until the pages are loaded
        _profile = DiskProfile.Create(options, store.Info, abilities.BlockLength);
        _readOnly = _unit.WriteProtected || options.GetBoolean(SbcOptions.ReadOnly) || !abilities.StoreWritable;
        _pages = new DiskModePages(abilities.VolatileCache, options.GetBoolean(SbcOptions.WriteCache), options.GetBoolean(SbcOptions.DescriptorSense));
        _mode = new ModeParameterServer(_pages.Pages, this, _unit, _host);
        _access = new MediumAccess(_unit, _prevention, command => _medium.FlushAsync(command.Aborted)) { Removable = options.GetBoolean(SbcOptions.Removable) };
        BlockRangeChecks checks = new(_medium);
        _format = new FormatUnitCommand(_medium, checks, _access, _unit.Identity.Name, _host);
        _parameters = new DiskParameters(this, _mode, _pages, _access);
        Commands = new CommandTable(CreateRows(checks));
    }

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.Block;

    /// <inheritdoc/>
    public CommandTable Commands { get; }

    /// <inheritdoc/>
    public CoreCommands CoreCommands => CoreCommands.All;

    /// <inheritdoc/>
    public byte DeviceSpecificParameter => (byte)(DpoFua | (_unit.WriteProtected ? WriteProtect : 0));

    /// <inheritdoc/>
    public UnitCondition Condition => new(
        _access.HasMedium, _access.Removable, _prevention.IsPrevented, _readOnly, _pages.SoftwareWriteProtect, _medium.Abilities.Thin);

    /// <summary>What the disk says about itself; a new value is announced.</summary>
    public DiskProfile Profile
    {
        get => _profile;
        set
        {
            _profile = value;
            _unit.EstablishUnitAttention(AdditionalSense.InquiryDataHasChanged);
        }
    }

    /// <summary>Writes are refused by configuration. A store that cannot be written keeps it so.</summary>
    public bool ReadOnly
    {
        get => _readOnly;
        set
        {
            _readOnly = value || !_medium.Abilities.StoreWritable;
            Changed();
        }
    }

    /// <summary>Takes saved mode pages and publishes the disk.</summary>
    public ValueTask StartAsync(CancellationToken cancellationToken) => _mode.LoadAsync(cancellationToken);

    /// <inheritdoc/>
    public bool CheckReady(out SenseData notReady)
    {
        if (!_access.CheckReady(out notReady) || !_format.CheckReady(out notReady)) return false;
        if (_medium.BlockCount > 0) return true;
        notReady = Sense.NotReadyCauseNotReportable;
        return false;
    }

    /// <inheritdoc/>
    public void StoreResized(string role, long length)
    {
        long before = _medium.BlockCount;
        _medium.Resize(length);
        if (_medium.BlockCount == before) return;
        Publish();
        _unit.EstablishUnitAttention(AdditionalSense.CapacityDataHasChanged);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _prevention.Reset();
        _access.Reset();
        _mode.Reset();
    }

    /// <inheritdoc/>
    public void NexusLost(INexusView nexus) => _prevention.Forget(nexus);

    /// <inheritdoc/>
    public ValueTask<string?> SetAsync(string name, string value, CancellationToken cancellationToken) =>
        _parameters.SetAsync(name, value, cancellationToken);

    /// <inheritdoc/>
    public int WriteBlockDescriptor(Span<byte> destination, bool longLba)
    {
        if (longLba)
        {
            BinaryPrimitives.WriteInt64BigEndian(destination, _medium.BlockCount);
            BinaryPrimitives.WriteInt32BigEndian(destination[12..], _medium.BlockLength);
            return 16;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Math.Min(_medium.BlockCount, uint.MaxValue));
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], _medium.BlockLength); // 24 bits; the byte above them is reserved
        return 8;
    }

    /// <inheritdoc/>
    public int FindUnacceptableBlockDescriptor(ReadOnlySpan<byte> descriptors, bool longLba)
    {
        // A descriptor may only repeat what is: neither capacity nor block length can be changed by MODE SELECT. No blocks mean as many as there are.
        if (descriptors.IsEmpty) return -1;
        Span<byte> present = stackalloc byte[16];
        present.Clear();
        int length = WriteBlockDescriptor(present, longLba);
        if (descriptors.Length != length) return 0;
        int numberLength = length / 2;
        if (descriptors[..numberLength].ContainsAnyExcept((byte)0) && !descriptors[..numberLength].SequenceEqual(present[..numberLength])) return 0;
        int same = descriptors[numberLength..].CommonPrefixLength(present[numberLength..length]);
        return same == numberLength ? -1 : numberLength + same;
    }

    /// <inheritdoc/>
    public ValueTask<ScsiOutcome> ChangingAsync(IReadOnlyList<ModePageChange> changes, CancellationToken cancellationToken)
    {
        if (!_pages.WriteCache || !changes.Any(change => change.Page == _pages.Caching && !DiskModePages.IsWriteCacheOn(change.Values))) return default;
        return SwitchOffWriteCacheAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Changed()
    {
        bool wasOn = _medium.WriteCacheEnabled;
        _medium.WriteCacheEnabled = _pages.WriteCache;
        _unit.DescriptorSense = _pages.DescriptorSense;
        _unit.TaskAbortedStatus = _pages.TaskAbortedStatus;
        _unit.WriteProtected = _readOnly || _pages.SoftwareWriteProtect;
        Publish();
        if (wasOn && !_medium.WriteCacheEnabled) _host.Workers.Queue(new WriteBack(this)); // a reset cannot wait for it
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _format.DisposeAsync();
        _mode.Dispose();
    }

    /// <summary>New writes go through; those under way are waited for, and what then lies in the cache is written back.</summary>
    private async ValueTask<ScsiOutcome> SwitchOffWriteCacheAsync(CancellationToken cancellationToken)
    {
        _medium.WriteCacheEnabled = false;
        int ticket = await _medium.Locks.EnterAsync(0, long.MaxValue, exclusive: true, cancellationToken);
        if (ticket < 0) return Sense.Aborted(AdditionalSense.None);
        _medium.Locks.Exit(ticket);
        return await _medium.FlushAsync(cancellationToken);
    }

    private void Publish() =>
        _unit.Publish(new UnitGeometry(_medium.BlockLength, _medium.BlockCount, _medium.WriteCacheEnabled, _unit.WriteProtected));

    private List<CommandDescriptor> CreateRows(BlockRangeChecks checks)
    {
        VpdPageSet vital = DiskVpd.Create(_unit.Identity, _medium, () => _profile);
        StandardInquiry inquiry = new(PeripheralDeviceType.Block, _unit.Identity, DefaultProduct) { Standards = [VersionDescriptor.Sbc3] };
        List<CommandDescriptor> rows =
        [
            PrimaryCommands.TestUnitReady(),
            PrimaryCommands.RequestSense(CurrentSense),
            PrimaryCommands.SendDiagnostic(SelfTestAsync),
            InquiryCommand.Row(nexus => (inquiry with { Removable = _access.Removable }).Build(nexus), vital),
            DiskLogPages.Create(_medium).Row(),
            _prevention.Row(),
            _access.Row(),
            _format.Row(),
            .. _mode.Rows(),
            .. new ReadCommands(_medium, checks).Rows(),
            .. new WriteCommands(_medium, checks).Rows(),
            .. new VerifyCommands(_medium, checks).Rows(),
            .. new AtomicCommands(_medium, checks).Rows(),
            .. new WriteSameCommands(_medium, checks).Rows(),
            .. new CacheCommands(_medium, checks).Rows(),
            .. new CapacityCommands(_medium, checks, () => _profile, _host.Workers).Rows(),
            .. DefectCommands.Rows(),
        ];
        if (_medium.Abilities.Thin) rows.Add(new UnmapCommand(_medium, checks).Row());
        return rows;
    }

    private SenseData CurrentSense() => CheckReady(out SenseData notReady) ? Sense.None : notReady;

    /// <summary>The default self-test: the first block can be read.</summary>
    private async ValueTask<ScsiOutcome> SelfTestAsync(ScsiCommand command)
    {
        if (!CheckReady(out SenseData notReady)) return notReady;
        using Buffers.DataBuffer? scratch = _medium.TryRentScratch(_medium.BlockLength);
        if (scratch is null) return ScsiOutcome.Of(ScsiStatus.Busy);
        return _medium.Map(await _medium.ReadAsync(0, scratch.Slice(), command.Aborted));
    }

    [LoggerMessage(EventId = 4102, Level = LogLevel.Error, Message = "unit {Unit}: the write cache was switched off, but writing it back ended with {Outcome}")]
    private static partial void LogWriteBackFailed(ILogger logger, string unit, ScsiOutcome outcome);

    private sealed class WriteBack(Disk disk) : IThreadPoolWorkItem
    {
        public void Execute() => _ = RunAsync();

        private async Task RunAsync()
        {
            ScsiOutcome outcome = await disk._medium.FlushAsync(CancellationToken.None);
            if (!outcome.IsGood) LogWriteBackFailed(disk._host.Logger, disk._unit.Identity.Name, outcome);
        }
    }
}
