using System.Numerics;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace Samples.Zoned;

/// <summary>Makes host managed zoned disks: <c>device = "zoned"</c>.</summary>
[ExportDeviceType("zoned")]
public sealed class ZonedFactory : IDeviceTypeFactory
{
    private const string BlockSize = "block_size";
    private const string ZoneSize = "zone_size";
    private const string ConventionalZones = "conventional_zones";
    private const string MaximumOpen = "max_open";
    private const string ConstrainedReads = "constrained_reads";
    private const string Format = "format";

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition(BlockSize, OptionType.Size, "Bytes per logical block, a power of two from 512 to 65536; 4096 for a new disk.")
        {
            Minimum = 512,
            Maximum = 65536,
            Check = IsPowerOfTwo,
        },
        new OptionDefinition(ZoneSize, OptionType.Size, "Bytes in each zone, a power of two; 256 MiB for a new disk.")
        {
            Minimum = 64 << 10,
            Maximum = 1L << 40,
            Check = IsPowerOfTwo,
        },
        new OptionDefinition(ConventionalZones, OptionType.Integer, "Zones at the start of the disk that can be written anywhere; none for a new disk.")
        {
            Minimum = 0,
            Maximum = StateLayout.MaximumZones - 1,
        },
        new OptionDefinition(MaximumOpen, OptionType.Integer, "Most zones that are open at the same time, 0 for no limit.")
        {
            Default = 128L,
            Minimum = 0,
            Maximum = StateLayout.MaximumZones,
        },
        new OptionDefinition(ConstrainedReads, OptionType.Boolean, "Refuse reads of what was not written, and across zones, as some disks do (Linux takes no such disk); else it reads as zero.")
        {
            Default = false,
        },
        new OptionDefinition(Format, OptionType.Boolean, "Make a zoned disk of a store that holds something else, which is lost. A store that is one stays as it is.")
        {
            Default = false,
        });

    /// <inheritdoc/>
    public PeripheralDeviceType DeviceType => PeripheralDeviceType.ZonedBlock;

    /// <inheritdoc/>
    /// <remarks>Where the store cannot make zeroes by itself, the conventional zones of a new disk are written.</remarks>
    public TimeSpan CreationLimit => TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public async ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string unit = context.Unit.Identity.Name;
        if (!context.Unit.Stores.TryGetValue("store", out IBackingStore? backing) || backing is not IBlockStore store)
            throw new DeviceServerException($"unit {unit}: a zoned disk needs a block store; its store is of another kind");
        if (!store.Info.Has(StoreCapabilities.Write)) throw new DeviceServerException($"unit {unit}: a zoned disk keeps its zones in its store, which cannot be written");
        try
        {
            (StateArea area, ZoneFill[] fills) = await OpenAsync(unit, store, context.Options, cancellationToken);
            ZoneTable zones = new(area.Layout.Geometry, fills, (int)context.Options.GetInteger(MaximumOpen));
            ZonedMedium medium = new(store, area, zones, context.Unit, context.Options.GetBoolean(ConstrainedReads));
            ZonedDisk disk = new(context, medium);
            await disk.StartAsync(cancellationToken);
            return disk;
        }
        catch (IOException failure)
        {
            throw new DeviceServerException($"unit {unit}: {failure.Message}", failure);
        }
    }

    private static async ValueTask<(StateArea Area, ZoneFill[] Fills)> OpenAsync(
        string unit, IBlockStore store, OptionValues options, CancellationToken cancellationToken)
    {
        (bool found, StateLayout? layout) = await StateArea.FindAsync(store, cancellationToken);
        if (found && layout is null)
            throw new DeviceServerException($"unit {unit}: the label at the end of its store is damaged, or of a later version; nothing was changed");
        if (layout is null) layout = await FormatAsync(unit, store, options, cancellationToken);
        else CheckSame(unit, layout.Geometry, options);
        if (layout.Geometry.BlockLength % store.Info.Alignment != 0)
            throw new DeviceServerException($"unit {unit}: its blocks have {layout.Geometry.BlockLength} bytes, and its store works in pieces of {store.Info.Alignment}");
        return await StateArea.LoadAsync(store, layout, cancellationToken)
            ?? throw new DeviceServerException($"unit {unit}: both copies of the write pointers in its store are damaged; nothing was changed");
    }

    private static async ValueTask<StateLayout> FormatAsync(string unit, IBlockStore store, OptionValues options, CancellationToken cancellationToken)
    {
        int blockLength = (int)Choose(options, BlockSize, 4096);
        long zoneLength = Choose(options, ZoneSize, 256L << 20);
        int conventional = (int)Choose(options, ConventionalZones, 0);
        int unitLength = StateLayout.UnitOf(store.Info.Alignment);
        if (zoneLength % unitLength != 0 || blockLength % store.Info.Alignment != 0)
            throw new DeviceServerException($"unit {unit}: its store works in pieces of {store.Info.Alignment} bytes; give a larger {BlockSize} or {ZoneSize}");
        StateLayout layout = StateLayout.Divide(store.Length, unitLength, blockLength, zoneLength, conventional) ?? throw new DeviceServerException(
            $"unit {unit}: its store has {store.Length} bytes, which is not room for {conventional} conventional zones and at least one other of {zoneLength} bytes, "
            + $"with what describes them, or is more than {StateLayout.MaximumZones} zones; change {ZoneSize}");
        if (!options.GetBoolean(Format) && !await StateArea.IsBlankAsync(store, layout, cancellationToken))
        {
            throw new DeviceServerException(
                $"unit {unit}: its store holds something that is no zoned disk, or one that had another size; {Format} = true makes a zoned disk of it, and what it holds is lost");
        }

        await StateArea.FormatAsync(store, layout, cancellationToken);
        return layout;
    }

    /// <summary>What is not given is as the disk was made.</summary>
    private static void CheckSame(string unit, ZoneGeometry made, OptionValues options)
    {
        Check(BlockSize, made.BlockLength);
        Check(ZoneSize, made.ZoneBlocks * made.BlockLength);
        Check(ConventionalZones, made.ConventionalCount);

        void Check(string name, long was)
        {
            if (Choose(options, name, was) is var now && now != was)
                throw new DeviceServerException($"unit {unit}: its store was made with {name} = {was}, not {now}; set it so, or leave it out");
        }
    }

    private static long Choose(OptionValues options, string name, long otherwise) => options.Has(name) ? options.GetInteger(name) : otherwise;

    private static string? IsPowerOfTwo(object value) => BitOperations.IsPow2((long)value) ? null : "is no power of two";
}
