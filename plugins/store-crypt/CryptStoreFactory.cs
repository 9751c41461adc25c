using System.Security.Cryptography;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>crypt</c>.</summary>
[ExportStore("crypt")]
public sealed class CryptStoreFactory : IStoreFactory
{
    private const string CheckDocument = "key-check";

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("key_file", OptionType.Path, "File with the key: 32 bytes for AES-128, 64 for AES-256, as they are or as hexadecimal digits; for its owner's eyes only.") { Required = true },
        new OptionDefinition("sector_size", OptionType.Size, "Bytes encrypted as one: 512, 1024, 2048 or 4096. It cannot be changed for data that are there.")
        {
            Default = 512L,
            Check = value => value is 512L or 1024L or 2048L or 4096L ? null : "must be 512, 1024, 2048 or 4096",
        },
        new OptionDefinition("discard", OptionType.Boolean, "Passes discards on: gives space back, and shows to who sees the store beneath which parts are unused.") { Default = false },
        new OptionDefinition("new_key", OptionType.Boolean, "Takes the key though it is another than the last time: what was written with that one cannot be read any more.") { Default = false });

    /// <inheritdoc/>
    public int LowerCount => 1;

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower]) throw new StoreOpenException("a crypt store stands on one block store");
        if (!LibCrypto.IsPresent(out string problem)) throw new StoreOpenException(problem);
        int sectorLength = (int)context.Options.GetInteger("sector_size");
        if (lower.Length < sectorLength) throw new StoreOpenException($"the store beneath has {lower.Length} bytes: less than a sector of {sectorLength}");
        byte[] key = KeyFile.Read(context.Options.RequireText("key_file"));
        XtsCipher? cipher = null;
        try
        {
            cipher = new XtsCipher(key, sectorLength);
            await CheckAsync(context, key, sectorLength, cancellationToken);
            return new CryptStore(lower, cipher, sectorLength, context.Options.GetBoolean("discard"));
        }
        catch (Exception failure)
        {
            cipher?.Dispose();
            CryptographicOperations.ZeroMemory(key);
            if (failure is CryptographicException) throw new StoreOpenException(failure.Message, failure);
            throw;
        }
    }

    /// <summary>
    /// With another key the disk would be noise, and the first write would make it so for good. What is kept of the key tells nothing about it but whether another is the same.
    /// </summary>
    private static async ValueTask CheckAsync(StoreOpenContext context, byte[] key, int sectorLength, CancellationToken cancellationToken)
    {
        byte[] mark = [.. HMACSHA256.HashData(key, "TgtModular store-crypt 1"u8), .. BitConverter.GetBytes(sectorLength)];
        ReadOnlyMemory<byte>? known = await context.Host.Journal.LoadAsync(CheckDocument, cancellationToken);
        if (known is { } last)
        {
            if (last.Span.SequenceEqual(mark)) return;
            if (!context.Options.GetBoolean("new_key"))
                throw new StoreOpenException(
                    "the key or the sector size is not the one that this store had the last time: with another one its data are noise. If they are to be given up, say so once with new_key = true");
        }

        await context.Host.Journal.SaveAsync(CheckDocument, mark, cancellationToken);
    }
}
