using System.Diagnostics.CodeAnalysis;
using TgtModular.Core.Configuration;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.Toml;
using TgtModular.Transports;

namespace TgtModular.Configuration.Tests.Doubles;

/// <summary>A small world of plugins: schemas only, nothing can be made of them.</summary>
internal sealed class FakeSchemas : ISchemaSource
{
    private static readonly Dictionary<string, IStoreFactory> Stores = new()
    {
        ["file"] = new FakeStore(OptionSchema.Of(
            new OptionDefinition("path", OptionType.Path, "The file.") { Required = true },
            new OptionDefinition("size", OptionType.Size, "Bytes.") { Minimum = 512, Maximum = 1L << 50, Mutable = true },
            new OptionDefinition("cache", OptionType.Choice, "Which cache.") { Choices = ["buffered", "direct", "sync"], Default = "buffered" },
            new OptionDefinition("read_only", OptionType.Boolean, "No writes."),
            new OptionDefinition("queue", OptionType.Integer, "Depth.") { Minimum = 1, Maximum = 64 },
            new OptionDefinition("password", OptionType.Duration, "Not a real one.") { Secret = true })),
        ["memory"] = new FakeStore(OptionSchema.Of(new OptionDefinition("size", OptionType.Size, "Bytes."))),
        ["fault"] = new FakeStore(
            OptionSchema.Of(new OptionDefinition("delay", OptionType.Duration, "How long."),
            new OptionDefinition("ratio", OptionType.Number, "How often.")))
        { Lower = 1 },
    };

    private static readonly Dictionary<string, IDeviceTypeFactory> Devices = new()
    {
        ["sbc"] = new FakeDevice(OptionSchema.Of(new OptionDefinition("block_length", OptionType.Integer, "Bytes per block.")), ["store"]),
        ["scc"] = new FakeDevice(OptionSchema.Empty, []),
        ["osd"] = new FakeDevice(OptionSchema.Empty, ["data", "index"]),
    };

    private static readonly Dictionary<string, ITransportFactory> Transports = new()
    {
        ["iscsi"] = new FakeTransport(),
        ["iser"] = new FakeTransport(),
    };

    public bool TryFindStore(PluginReference reference, [NotNullWhen(true)] out IStoreFactory? factory, [NotNullWhen(false)] out string? problem) =>
        Find(Stores, "store type", reference, out factory, out problem);

    public bool TryFindDevice(PluginReference reference, [NotNullWhen(true)] out IDeviceTypeFactory? factory, [NotNullWhen(false)] out string? problem) =>
        Find(Devices, "device type", reference, out factory, out problem);

    public bool TryFindTransport(PluginReference reference, [NotNullWhen(true)] out ITransportFactory? factory, [NotNullWhen(false)] out string? problem) =>
        Find(Transports, "transport", reference, out factory, out problem);

    public IReadOnlyCollection<string> GetNames(PluginKind kind) => kind switch
    {
        PluginKind.Store => Stores.Keys,
        PluginKind.Device => Devices.Keys,
        _ => Transports.Keys,
    };

    private static bool Find<T>(
        Dictionary<string, T> known, string kind, PluginReference reference, [NotNullWhen(true)] out T? factory, [NotNullWhen(false)] out string? problem)
        where T : class
    {
        bool found = known.TryGetValue(reference.Name, out factory);
        problem = found ? null : $"there is no {kind} '{reference}' (did you mean '{Suggestions.Closest(reference.Name, known.Keys)}'?)";
        return found;
    }

    private sealed class FakeStore(OptionSchema options) : IStoreFactory
    {
        public int Lower { get; init; }

        public OptionSchema Options => options;

        public int LowerCount => Lower;

        public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("binding opens no store");
    }

    private sealed class FakeDevice(OptionSchema options, string[] roles) : IDeviceTypeFactory
    {
        public OptionSchema Options => options;

        public PeripheralDeviceType DeviceType => default;

        public IReadOnlyList<string> StoreRoles => roles;

        public ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("binding makes no unit");
    }

    private sealed class FakeTransport : ITransportFactory
    {
        public OptionSchema Options { get; } = OptionSchema.Of(
            new OptionDefinition("listen", OptionType.TextList, "Addresses.") { Mutable = true },
            new OptionDefinition("backlog", OptionType.Integer, "Waiting connections."));

        public OptionSchema TargetOptions { get; } = OptionSchema.Of(
            new OptionDefinition("name", OptionType.Text, "The target's name.") { Required = true },
            new OptionDefinition("max_burst_length", OptionType.Size, "Bytes."));

        public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
        {
            normalized = name.ToLowerInvariant();
            problem = name.StartsWith("iqn.", StringComparison.OrdinalIgnoreCase) ? "" : "an iSCSI name begins with iqn., eui. or naa.";
            return problem.Length == 0;
        }

        public ITransport Create(TransportCreateContext context) => throw new InvalidOperationException("binding makes no transport");
    }
}
