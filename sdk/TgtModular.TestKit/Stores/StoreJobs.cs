using System.Globalization;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>What a child process does with a store.</summary>
internal static class StoreJobs
{
    /// <summary>The job of <see cref="WriteAsync"/>.</summary>
    public const string Write = "write";

    /// <summary>The job of <see cref="OpenAndCloseAsync"/>.</summary>
    public const string OpenAndClose = "open-and-close";

    /// <summary>Rounds that are counted.</summary>
    public const int Rounds = 60;

    private const int Slots = 16;
    private const int WarmUp = 20;

    /// <summary>Bytes that a step writes.</summary>
    public static int LengthOf(StoreFixture fixture) => (int)Math.Max(fixture.Unit, fixture.Align(12288));

    /// <summary>Where a step writes.</summary>
    public static long OffsetOf(StoreFixture fixture, int step) => (step % Slots) * (long)LengthOf(fixture);

    /// <summary>What a step writes.</summary>
    public static byte[] DataOf(StoreFixture fixture, int step) => StoreFixture.Pattern(step, LengthOf(fixture), step);

    /// <summary>The last step, of those up to one, that wrote where this slot is; negative when none did.</summary>
    public static int LastOf(int slot, int last) => slot > last ? -1 : last - ((last - slot) % Slots);

    /// <summary>All slots.</summary>
    public static IEnumerable<int> AllSlots => Enumerable.Range(0, Slots);

    /// <summary>Writes, and tells each step once it is acknowledged as durable, until somebody kills the process.</summary>
    public static async Task WriteAsync(BlockStoreConformance suite, string argument)
    {
        (bool force, IReadOnlyDictionary<string, object> options) = (argument[0] == 'f', OptionText.Read(argument[1..]));
        using TestHost host = new();
        StoreFixture fixture = await suite.OpenInChildAsync(host, options, []);
        for (int step = 0; ; step++)
        {
            await fixture.WriteAsync(OffsetOf(fixture, step), DataOf(fixture, step), force ? WriteOptions.ForceUnitAccess : WriteOptions.None);
            if (!force) Assert.AreEqual(StorageResult.Ok, await fixture.Store.FlushAsync(CancellationToken.None));
            Console.WriteLine(step.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Opens, uses and disposes a store over and over, and tells what grew.</summary>
    public static async Task OpenAndCloseAsync(BlockStoreConformance suite)
    {
        (IReadOnlyDictionary<string, object> options, IReadOnlyList<IBackingStore> lower) = await suite.PrepareInChildAsync();
        for (int i = 0; i < WarmUp; i++) await RoundAsync(suite, options, lower);
        (int files, int threads, long bytes) = Count();
        for (int i = 0; i < Rounds; i++) await RoundAsync(suite, options, lower);
        (int filesNow, int threadsNow, long bytesNow) = Count();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{filesNow - files} {threadsNow - threads} {bytesNow - bytes}"));
    }

    private static async Task RoundAsync(BlockStoreConformance suite, IReadOnlyDictionary<string, object> options, IReadOnlyList<IBackingStore> lower)
    {
        using TestHost host = new();
        StoreFixture fixture = await suite.OpenInChildAsync(host, options, lower);
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, LengthOf(fixture)));
        await fixture.CheckAsync(0, LengthOf(fixture));
        Assert.AreEqual(StorageResult.Ok, await fixture.Store.FlushAsync(CancellationToken.None));
        await fixture.Store.DisposeAsync();
    }

    private static (int Files, int Threads, long Bytes) Count() => (
        Directory.GetFileSystemEntries("/proc/self/fd").Length,
        Directory.GetDirectories("/proc/self/task").Length,
        GC.GetTotalMemory(forceFullCollection: true));
}
