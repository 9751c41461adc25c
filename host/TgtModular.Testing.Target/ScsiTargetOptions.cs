namespace TgtModular.Testing;

/// <summary>A target with one unit at LUN 1.</summary>
public sealed record ScsiTargetOptions
{
    /// <summary>iSCSI name of the target.</summary>
    public string Name { get; init; } = "iqn.2026-11.org.example:test";

    /// <summary>Device type of the unit: <c>sbc</c>, <c>scc</c>, or one of <see cref="Plugins"/>.</summary>
    public string Device { get; init; } = "sbc";

    /// <summary>Options of the device type, as the configuration file has them: numbers, texts, truth values.</summary>
    public IReadOnlyDictionary<string, object> DeviceOptions { get; init; } = new Dictionary<string, object>();

    /// <summary>Type of the unit's store: <c>memory</c>, <c>file</c>, <c>null</c>, or one of <see cref="Plugins"/>; null for a unit without one.</summary>
    public string? Store { get; init; } = "memory";

    /// <summary>Size of the store in bytes; null for a store without such an option.</summary>
    public long? Size { get; init; } = 64L << 20;

    /// <summary>Options of the store beside its size.</summary>
    public IReadOnlyDictionary<string, object> StoreOptions { get; init; } = new Dictionary<string, object>();

    /// <summary>Factories of plugins: objects with ExportStore, ExportDeviceType or ExportTransport on their classes.</summary>
    public IReadOnlyList<object> Plugins { get; init; } = [];

    /// <summary>Number of the unit.</summary>
    public const int Lun = 1;

    internal string ToToml() => $"""
        [transport.iscsi]
        listen = ["127.0.0.1:0"]
        {(Store is null ? "" : $"[store.disk]\ntype = {TomlText.Of(Store)}\n{(Size is { } size ? $"size = {TomlText.Of(size)}\n" : "")}{TomlText.Lines(StoreOptions)}")}
        [unit.disk]
        device = {TomlText.Of(Device)}
        {(Store is null ? "" : "store = \"disk\"")}
        {TomlText.Lines(DeviceOptions)}
        [[target]]
        iscsi.name = {TomlText.Of(Name)}
        access = {"{ addresses = [\"127.0.0.0/8\"] }"}
        luns = {$"[{{ number = {Lun}, unit = \"disk\" }}]"}
        """;
}
