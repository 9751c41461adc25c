using System.Security.Cryptography;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>The whole contract, over a disk in memory.</summary>
public abstract class CryptStoreConformance(long sectorSize, bool discard) : BlockStoreConformance
{
    private readonly ScratchDirectory _directory = new();

    protected override IStoreFactory Factory => new CryptStoreFactory();

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object>
    {
        ["key_file"] = CryptStoreTests.WriteKey(_directory, 64),
        ["sector_size"] = sectorSize,
        ["discard"] = discard,
    };

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size)
    {
        // The suite wants a new disk to read as zeroes, which encrypted disks do not by themselves.
        IBlockStore lower = await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size });
        await CryptStoreTests.ZeroAsync(lower, _directory, sectorSize);
        return [lower];
    }

    [TestCleanup]
    public void RemoveDirectory() => _directory.Dispose();
}

[TestClass]
public sealed class CryptStoreConformanceTests() : CryptStoreConformance(sectorSize: 512, discard: false);

[TestClass]
public sealed class CryptStoreLongSectorConformanceTests() : CryptStoreConformance(sectorSize: 4096, discard: true);

[TestClass]
public sealed class CryptStoreTests
{
    private const int Size = 1 << 20;

    /// <summary>Vectors 2, 3, 4 and 10 of IEEE 1619-2007 annex B (the first has two equal keys, which libcrypto refuses).</summary>
    [TestMethod]
    [DataRow("11111111111111111111111111111111", "22222222222222222222222222222222", 0x3333333333, 32, 0x44, 0,
        "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0")]
    [DataRow("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0", "22222222222222222222222222222222", 0x3333333333, 32, 0x44, 0,
        "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89")]
    [DataRow("27182818284590452353602874713526", "31415926535897932384626433832795", 0L, 512, 0, 1,
        "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c")]
    [DataRow("2718281828459045235360287471352662497757247093699959574966967627", "3141592653589793238462643383279502884197169399375105820974944592", 0xffL, 512, 0, 1,
        "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b")]
    public void Encrypt_PublishedVectors_GivesTheirCipherText(string dataKey, string tweakKey, long sector, int length, int first, int step, string cipherText)
    {
        byte[] plain = [.. Enumerable.Range(0, length).Select(i => (byte)(first + (i * step)))];
        byte[] data = new byte[length];
        using XtsCipher cipher = new(Convert.FromHexString(dataKey + tweakKey), length);
        cipher.Encrypt(plain, data, sector);
        Assert.AreEqual(cipherText, Convert.ToHexStringLower(data.AsSpan(0, cipherText.Length / 2)));
        cipher.Decrypt(data, sector);
        CollectionAssert.AreEqual(plain, data);
    }

    [TestMethod]
    public void Encrypt_SeveralSectors_EachHasItsNumber()
    {
        byte[] key = RandomNumberGenerator.GetBytes(64);
        byte[] plain = new byte[3 * 512];
        byte[] whole = new byte[plain.Length];
        byte[] single = new byte[512];
        using XtsCipher cipher = new(key, 512);
        cipher.Encrypt(plain, whole, long.MaxValue - 2);
        cipher.Encrypt(plain.AsSpan(0, 512), single, long.MaxValue - 1);
        CollectionAssert.AreEqual(single, whole[512..1024]);
        Assert.IsFalse(whole.AsSpan(0, 512).SequenceEqual(single));
    }

    [TestMethod]
    public async Task Write_Data_NothingOfThemIsBeneath()
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        await using IBlockStore store = await OpenAsync(host, lower, WriteKey(directory, 64));
        byte[] data = StoreFixtureBytes(64 * 1024);
        await WriteAsync(host, store, 4096, data);
        byte[] beneath = await ReadAsync(host, lower, 4096, data.Length);
        for (int sector = 0; sector < data.Length; sector += 512)
            Assert.IsFalse(beneath.AsSpan(sector, 512).SequenceEqual(data.AsSpan(sector, 512)));
        CollectionAssert.AreEqual(data, await ReadAsync(host, store, 4096, data.Length));
    }

    [TestMethod]
    public async Task Open_AnotherKey_IsRefusedUntilTheDataAreGivenUp()
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        await (await OpenAsync(host, lower, WriteKey(directory, 64))).DisposeAsync();
        string other = WriteKey(directory, 64, "other", seed: 2);
        StoreOpenException refused = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(host, lower, other));
        StringAssert.Contains(refused.Message, "new_key");
        await (await OpenAsync(host, lower, other, newKey: true)).DisposeAsync();
        await (await OpenAsync(host, lower, other)).DisposeAsync();
    }

    [TestMethod]
    public async Task Open_KeyThatOthersMayRead_IsRefused()
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        string key = WriteKey(directory, 64);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        StoreOpenException refused = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(host, lower, key));
        StringAssert.Contains(refused.Message, "chmod 600");
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(31)]
    [DataRow(48)]
    [DataRow(65)]
    [DataRow(4096)]
    public async Task Open_KeyOfWrongLength_IsRefused(int length)
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        StoreOpenException refused = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(host, lower, WriteKey(directory, length)));
        StringAssert.Contains(refused.Message, "32 bytes");
    }

    [TestMethod]
    public async Task Open_KeyOfTwoEqualHalves_IsRefused()
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        string path = Secret(directory, "equal", new byte[64]);
        StoreOpenException refused = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(host, lower, path));
        StringAssert.Contains(refused.Message, "halves");
    }

    [TestMethod]
    public async Task Open_KeyInDigits_IsTheSameKey()
    {
        using ScratchDirectory directory = new();
        using TestHost host = new();
        await using IBlockStore lower = await Memory(host);
        string raw = WriteKey(directory, 64);
        await (await OpenAsync(host, lower, raw)).DisposeAsync();
        string digits = Secret(directory, "digits", System.Text.Encoding.ASCII.GetBytes(Convert.ToHexString(File.ReadAllBytes(raw)) + "\n"));
        await (await OpenAsync(host, lower, digits)).DisposeAsync();
    }

    internal static string WriteKey(ScratchDirectory directory, int length, string name = "key", int seed = 1)
    {
        byte[] key = new byte[length];
        new Random(seed).NextBytes(key);
        return Secret(directory, name, key);
    }

    /// <summary>Writes encrypted zeroes everywhere.</summary>
    internal static async Task ZeroAsync(IBlockStore lower, ScratchDirectory directory, long sectorSize)
    {
        using TestHost host = new();
        await using IBlockStore store = await OpenAsync(host, lower, WriteKey(directory, 64), sectorSize: sectorSize);
        byte[] zeroes = new byte[1 << 16];
        for (long offset = 0; offset < store.Length; offset += zeroes.Length)
            await WriteAsync(host, store, offset, zeroes[..(int)Math.Min(zeroes.Length, store.Length - offset)]);
    }

    private static string Secret(ScratchDirectory directory, string name, byte[] content)
    {
        string path = directory.Combine(name);
        File.WriteAllBytes(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    private static byte[] StoreFixtureBytes(int length)
    {
        byte[] data = new byte[length];
        new Random(3).NextBytes(data);
        return data;
    }

    private static ValueTask<IBlockStore> Memory(TestHost host) =>
        new MemoryStoreFactory().OpenBlockStoreAsync(host, new Dictionary<string, object> { ["size"] = (long)Size });

    private static ValueTask<IBlockStore> OpenAsync(TestHost host, IBlockStore lower, string key, bool newKey = false, long sectorSize = 512) =>
        new CryptStoreFactory().OpenBlockStoreAsync(
            host, new Dictionary<string, object> { ["key_file"] = key, ["sector_size"] = sectorSize, ["discard"] = false, ["new_key"] = newKey }, lower: [lower]);

    private static async Task WriteAsync(TestHost host, IBlockStore store, long offset, byte[] data)
    {
        using DiagnosticBuffer buffer = host.Buffers.Rent(data);
        Assert.AreEqual(StorageResult.Ok, await store.WriteAsync(offset, buffer.Slice(0, data.Length), WriteOptions.None, CancellationToken.None));
    }

    private static async Task<byte[]> ReadAsync(TestHost host, IBlockStore store, long offset, int length)
    {
        using DiagnosticBuffer buffer = host.Buffers.TryRent(length, "read")!;
        Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(offset, buffer.Slice(0, length), CancellationToken.None));
        return buffer.Slice(0, length).ToArray();
    }
}
