using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Devices;
using TgtModular.Plugins;

namespace TgtModular.Core.Engine;

/// <summary>
/// Fills in what a unit's identity leaves out. The values depend on the unit's name and on a seed kept under the state directory: the same at every
/// start, different on every daemon, so that multipath never takes two disks for one.
/// </summary>
internal sealed class UnitIdentities(byte[] seed)
{
    private const string DefaultVendor = "IET";
    private const string DefaultRevision = "0001";
    private const string SeedKey = "identity-seed";
    private const int SeedLength = 16;
    private const ulong LocallyAssignedNaa = 0x3UL << 60; // NAA 3h: no IEEE company identifier is claimed (SPC-5 section 7.7.6.6.4)

    /// <summary>Reads the seed, or makes one.</summary>
    public static async Task<UnitIdentities> LoadAsync(IStateJournal journal, CancellationToken cancellationToken)
    {
        if (await journal.LoadAsync(SeedKey, cancellationToken) is { Length: SeedLength } kept) return new UnitIdentities(kept.ToArray());
        byte[] fresh = RandomNumberGenerator.GetBytes(SeedLength);
        await journal.SaveAsync(SeedKey, fresh, cancellationToken);
        return new UnitIdentities(fresh);
    }

    public UnitIdentity Complete(UnitSpec spec)
    {
        byte[] digest = HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes(spec.Name));
        string unique = Convert.ToHexString(digest, 0, 8);
        string vendor = spec.Vendor ?? DefaultVendor;
        string serial = spec.Serial ?? unique;
        ulong naa = LocallyAssignedNaa | (BinaryPrimitives.ReadUInt64BigEndian(digest.AsSpan(8)) >> 4);
        return new UnitIdentity(
            spec.Name, vendor, spec.Product, spec.Revision ?? DefaultRevision, serial, spec.ScsiId ?? $"{vendor,-8}{unique}", spec.Naa ?? naa);
    }
}
