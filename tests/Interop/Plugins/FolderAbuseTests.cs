using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Plugins;

/// <summary>What happens to the folder of a plugin whose code is at work is of no concern to it.</summary>
[TestClass]
public sealed class FolderAbuseTests
{
    private const int Rounds = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [TestMethod]
    public async Task Folder_OverwrittenTruncatedHalfCopiedAHundredTimesUnderVerifiedLoad_DaemonServesOn()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        string folder = Path.Combine(shelf.Plugins, Shelf.Old);
        string whole = shelf.Directory.File("whole");
        string newer = shelf.Directory.File("newer");
        await OutsidePlugin.DropInAsync(Shelf.Old, whole, Shelf.Plugin);
        await OutsidePlugin.DropInAsync(Shelf.New, newer, Shelf.Plugin);
        using CancellationTokenSource end = new();
        Task load = UpgradeTests.LoadAsync(shelf.Address, shelf.Daemon, end.Token);
        await UpgradeTests.UntilUsedAsync(shelf, load);

        for (int round = 0; round < Rounds; round++)
        {
            Abuse(round, folder, whole, newer);
            await shelf.RescanAsync();
            if (load.IsCompleted) await load; // which has failed
            Assert.IsTrue(shelf.Daemon.IsRunning, $"{shelf.Daemon.Log}");
            if (round % 20 == 19) Assert.AreEqual(Shelf.Old, await shelf.VersionAsync());
        }

        await end.CancelAsync();
        await load.WaitAsync(Limit);
        Copy(whole, folder, half: false);
        await shelf.RescanAsync();
        CollectionAssert.AreEqual(new[] { "1.0.0 loaded" }, await shelf.StatesAsync());
        await shelf.Daemon.StopAsync();
    }

    private static void Abuse(int round, string folder, string whole, string newer)
    {
        switch (round % 6)
        {
            case 0:
                Copy(newer, folder, half: false);
                break;
            case 1:
                foreach (string file in Directory.GetFiles(folder)) File.OpenWrite(file).Close();
                foreach (string file in Directory.GetFiles(folder, "*.dll")) Truncate(file, 0);
                break;
            case 2:
                Copy(whole, folder, half: true);
                break;
            case 3:
                foreach (string file in Directory.GetFiles(folder)) Truncate(file, new FileInfo(file).Length / 2);
                break;
            case 4:
                Directory.Delete(folder, recursive: true);
                break;
            default:
                Copy(whole, folder, half: false);
                break;
        }
    }

    private static void Truncate(string file, long length)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Write);
        stream.SetLength(length);
    }

    /// <summary>Over what is there, in place; half of it: half of the files whole, and half of one.</summary>
    private static void Copy(string source, string folder, bool half)
    {
        OutsidePlugin.PrivateDirectory(folder);
        string[] files = [.. Directory.GetFiles(source).Order(StringComparer.Ordinal)];
        for (int i = 0; i < (half ? files.Length / 2 + 1 : files.Length); i++)
        {
            byte[] bytes = File.ReadAllBytes(files[i]);
            string target = Path.Combine(folder, Path.GetFileName(files[i]));
            using FileStream stream = new(target, FileMode.OpenOrCreate, FileAccess.Write);
            stream.Write(bytes.AsSpan(0, half && i == files.Length / 2 ? bytes.Length / 2 : bytes.Length));
            stream.SetLength(stream.Position);
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
