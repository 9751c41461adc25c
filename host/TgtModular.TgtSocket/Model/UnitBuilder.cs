using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.State;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.TgtSocket.Model;

/// <summary>What <c>logicalunit new</c> asks for.</summary>
/// <param name="TargetId">Number of the target.</param>
/// <param name="TargetKey">What the engine knows the target by.</param>
/// <param name="Lun">Number of the unit.</param>
/// <param name="StoreType">tgt's name of the backing store type.</param>
/// <param name="Path">Where the data are, as it was given.</param>
/// <param name="Flags">Flags of opening.</param>
/// <param name="BlockLength">Bytes of a block.</param>
/// <param name="File">The file of the path; null when there is none.</param>
/// <param name="Lock">No other unit of the socket is on the same file.</param>
internal sealed record UnitRequest(
    int TargetId, string TargetKey, ulong Lun, string StoreType, string Path, string Flags, long BlockLength, FileIdentity? File, bool Lock)
{
    /// <summary>The path from the root; the daemon's directory counts for one that does not begin there.</summary>
    public string FullPath => StoreType == UnitBuilder.Null ? Path : System.IO.Path.GetFullPath(Path);
}

/// <summary>Makes specifications of stores and units of what tgtadm says, with tgt's defaults.</summary>
internal sealed class UnitBuilder(ISchemaSource schemas)
{
    public const string ReadWrite = "rdwr";
    public const string Asynchronous = "aio";
    public const string Null = "null";
    public const string Sync = "sync";
    public const string Direct = "direct";

    /// <summary>Size of a disk without data: 1 TiB.</summary>
    public const long NullLength = 1L << 40;

    private static readonly PluginReference FileStore = new("file");
    private static readonly PluginReference NullStore = new("null");
    private static readonly PluginReference Disk = new("sbc");

    /// <summary>Backing store types that are served, in the order in which they are shown.</summary>
    public IEnumerable<(string Name, string Note)> StoreTypes()
    {
        if (schemas.TryFindStore(NullStore, out _, out _)) yield return (Null, "");
        if (!schemas.TryFindStore(FileStore, out _, out _)) yield break;
        yield return (ReadWrite, " (bsoflags sync:direct)");
        yield return (Asynchronous, "");
    }

    /// <summary>True for flags that a type takes.</summary>
    public static bool AreFlagsKnown(string type, string flags) =>
        flags.Length == 0 || (type == ReadWrite && flags.Split(':').All(flag => flag is Sync or Direct));

    /// <summary>The flags as they are shown, whatever their order was.</summary>
    public static string NormaliseFlags(string flags) => string.Join(':', new[] { Sync, Direct }.Where(flag => flags.Split(':').Contains(flag)));

    /// <summary>
    /// A store. Sync and direct together are direct I/O of a unit whose writes are stable when they are answered.
    /// </summary>
    public bool TryBuildStore(UnitRequest request, bool readOnly, [NotNullWhen(true)] out StoreSpec? store)
    {
        store = null;
        PluginReference type = request.StoreType == Null ? NullStore : FileStore;
        if (!schemas.TryFindStore(type, out IStoreFactory? factory, out _)) return false;
        Dictionary<string, object> options = [];
        if (request.StoreType == Null)
        {
            options["size"] = NullLength;
        }
        else
        {
            options["path"] = request.FullPath;
            options["lock"] = request.Lock;
            options["cache"] = request.Flags.Contains(Direct, StringComparison.Ordinal) ? "direct" : request.Flags == Sync ? "sync" : "buffered";
            if (readOnly) options["read_only"] = true;
        }

        store = new StoreSpec(Name(request), type, new OptionValues(factory.Options, options), []);
        return true;
    }

    /// <summary>A disk on the store.</summary>
    public bool TryBuildUnit(UnitRequest request, [NotNullWhen(true)] out UnitSpec? unit)
    {
        unit = null;
        if (!schemas.TryFindDevice(Disk, out IDeviceTypeFactory? factory, out _)) return false;
        Dictionary<string, object> options = new() { ["block_size"] = request.BlockLength, ["thin"] = false };
        if (request.Flags.Contains(Sync, StringComparison.Ordinal) && request.Flags.Contains(Direct, StringComparison.Ordinal)) options["write_cache"] = false;
        string name = Name(request);
        unit = new UnitSpec(name, Disk, new ValueMap<string>([new(factory.StoreRoles[0], name)]), new OptionValues(factory.Options, options))
        {
            Serial = Serial(request.TargetId, request.Lun),
            ScsiId = ScsiId(request.TargetId, request.Lun),
        };
        return true;
    }

    /// <summary>Serial number by default.</summary>
    public static string Serial(int target, ulong lun) => string.Create(CultureInfo.InvariantCulture, $"beaf{target}{lun}");

    /// <summary>Identifier by default.</summary>
    public static string ScsiId(int target, ulong lun) => string.Create(CultureInfo.InvariantCulture, $"IET     {target:x4}{lun:x4}");

    /// <summary>True for a LUN that there can be.</summary>
    public static bool IsLun(ulong lun) => lun <= Lun.MaxNumber;

    /// <summary>
    /// Name of store and unit. Kept reservations are found by it: with the target's name and the path they come back on the same disk of the same target,
    /// whatever number that has by then, and never on another.
    /// </summary>
    private static string Name(UnitRequest request)
    {
        byte[] whole = Encoding.UTF8.GetBytes($"{request.TargetKey.ToLowerInvariant()}\n{request.FullPath}");
        return string.Create(CultureInfo.InvariantCulture, $"tgt-{request.Lun}-{Convert.ToHexStringLower(SHA256.HashData(whole), 0, 8)}");
    }
}
