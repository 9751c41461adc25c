using TgtModular.Plugins;

namespace TgtModular.Lio.Transport;

/// <summary>Options of a transport of LIO, <c>[transport.NAME]</c>.</summary>
internal static class LioOptions
{
    public const string CommandTimeout = "command_timeout";
    public const string DataArea = "data_area";
    public const string MaxQueueDepth = "max_queue_depth";
    public const string RetryInterval = "retry_interval";
    public const string LeftoverTimeout = "leftover_timeout";
    public const string OnStop = "on_stop";
    public const string RdmaPort = "rdma_port";

    /// <summary>What is exported is taken out of the kernel.</summary>
    public const string Remove = "remove";

    /// <summary>What is exported stays, and waits for the daemon to come back.</summary>
    public const string Keep = "keep";

    private const long Mebibyte = 1 << 20;

    /// <summary>What all fabrics have; the manuals repeat it and tests compare them.</summary>
    public static OptionSchema Schema { get; } = OptionSchema.Of(
        new OptionDefinition(CommandTimeout, OptionType.Duration,
            "Time the kernel gives each command, also while the daemon restarts, before it fails it; counts for units exported from then on.")
        {
            Default = TimeSpan.FromSeconds(30),
            Mutable = true,
            Check = value => (TimeSpan)value < TimeSpan.FromSeconds(1) || (TimeSpan)value > TimeSpan.FromHours(1) ? "is not between 1s and 1h" : null,
        },
        new OptionDefinition(DataArea, OptionType.Size,
            "Most bytes of data under way for one unit and initiator; taken as they are needed. Counts for units exported from then on.")
        {
            Default = 64 * Mebibyte,
            Minimum = Mebibyte,
            Maximum = 1024 * Mebibyte,
            Mutable = true,
        },
        new OptionDefinition(MaxQueueDepth, OptionType.Integer, "Commands of one initiator under way; counts for initiators admitted from then on.")
        {
            Default = 128L,
            Minimum = 1,
            Maximum = 4096,
            Mutable = true,
        },
        new OptionDefinition(RetryInterval, OptionType.Duration, "Time after which what could not be exported is tried again.")
        {
            Default = TimeSpan.FromSeconds(5),
            Mutable = true,
            Check = value => (TimeSpan)value < TimeSpan.FromSeconds(1) ? "is less than 1s" : null,
        },
        new OptionDefinition(LeftoverTimeout, OptionType.Duration,
            "After a start, time in which exports left behind by a crash must be wanted again before they are removed.")
        {
            Default = TimeSpan.FromSeconds(60),
            Mutable = true,
        },
        new OptionDefinition(OnStop, OptionType.Choice,
            "When the daemon stops: remove takes the units away from the kernel, keep leaves them for the next start, within the command timeout unnoticed.")
        {
            Default = Remove,
            Choices = [Remove, Keep],
            Mutable = true,
        });

    /// <summary>The options of a family's transport.</summary>
    public static OptionSchema For(Fabrics.FabricFamily family) => family.Rows.All(row => row.RdmaPortAttribute is null)
        ? Schema
        : new OptionSchema(
        [
            .. Schema.Definitions,
            new OptionDefinition(RdmaPort, OptionType.Integer,
                "TCP port number at which initiators are answered that come by the RDMA connection manager, as over Ethernet; it is one for all ports of the machine.")
            {
                Minimum = 1,
                Maximum = ushort.MaxValue,
                Mutable = true,
            },
        ]);
}

/// <summary>The options' values.</summary>
internal sealed record LioSettings(
    TimeSpan CommandTimeout, int DataAreaMebibytes, int MaxQueueDepth, TimeSpan RetryInterval, TimeSpan LeftoverTimeout, bool KeepOnStop)
{
    /// <summary>See <see cref="LioOptions.RdmaPort"/>; null for none.</summary>
    public int? RdmaPort { get; init; }

    /// <summary>Reads them.</summary>
    public static LioSettings From(OptionValues options) => new(
        options.GetDuration(LioOptions.CommandTimeout),
        (int)((options.GetInteger(LioOptions.DataArea) + (1 << 20) - 1) >> 20),
        (int)options.GetInteger(LioOptions.MaxQueueDepth),
        options.GetDuration(LioOptions.RetryInterval),
        options.GetDuration(LioOptions.LeftoverTimeout),
        options.GetText(LioOptions.OnStop) == LioOptions.Keep)
    {
        RdmaPort = options.Has(LioOptions.RdmaPort) ? (int)options.GetInteger(LioOptions.RdmaPort) : null,
    };
}

/// <summary>Options of a target in a transport of LIO, <c>NAME.option</c> of <c>[[target]]</c>.</summary>
internal static class LioTargetOptions
{
    public const string Name = "name";
    public const string Initiator = "initiator";
    public const string DemoMode = "demo_mode";

    /// <summary>Those that the fabrics of a family have.</summary>
    public static OptionSchema For(Fabrics.FabricFamily family)
    {
        List<OptionDefinition> options =
        [
            new OptionDefinition(Name, OptionType.Text, $"Name of the port: {string.Join("; or ", family.Rows.Select(row => row.Ports.Description))}.")
            {
                Required = true,
            },
        ];
        if (family.Rows.Any(row => row.Nexus == Fabrics.NexusRule.Written))
        {
            options.Add(new OptionDefinition(Initiator, OptionType.Text,
                "Name of the port's one initiator, as access rules see it; made from the port's name when left out.")
            {
                Check = value => family.Rows[0].Initiators.Normalize((string)value) is null ? $"is not {family.Rows[0].Initiators.Description}" : null,
            });
        }

        if (family.Rows.Any(row => row.DemoAttributes is not null))
        {
            options.Add(new OptionDefinition(DemoMode, OptionType.Boolean,
                "True lets every initiator in. They share one nexus, and the kernel keeps reservations: only for units that nothing else exports.")
            {
                Default = false,
            });
        }

        return new OptionSchema(options);
    }
}
