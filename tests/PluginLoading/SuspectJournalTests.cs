using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class SuspectJournalTests
{
    private const string Key = "store-x 1.0.0 abc";

    [TestMethod]
    public void TwoDeathsInARowInACall_Suspect()
    {
        using var file = new JournalFile();
        file.DieInCall();
        Assert.IsFalse(file.IsSuspect());
        file.DieInCall();
        Assert.IsTrue(file.IsSuspect());
    }

    [TestMethod]
    public void DeathThenACallThatReturned_StartsAnew()
    {
        using var file = new JournalFile();
        file.DieInCall();
        using (var journal = new SuspectJournal(file.Path)) journal.Enter(Key).Dispose();
        file.DieInCall();
        Assert.IsFalse(file.IsSuspect());
    }

    [TestMethod]
    public void CleanEndInTheMiddleOfACall_IsNoDeath()
    {
        using var file = new JournalFile();
        for (int i = 0; i < 3; i++)
        {
            using var journal = new SuspectJournal(file.Path);
            journal.Enter(Key);
        }

        Assert.IsFalse(file.IsSuspect());
    }

    [TestMethod]
    public void EarlierCallsReturned_DeathInALaterOneCounts()
    {
        using var file = new JournalFile();
        for (int i = 0; i < 2; i++)
        {
            var journal = new SuspectJournal(file.Path);
            journal.Enter(Key).Dispose();
            journal.Enter(Key);
        }

        Assert.IsTrue(file.IsSuspect());
    }

    [TestMethod]
    public void DeathsTogetherWithTheMachine_AreNoDeathsOfThePlugin()
    {
        using var file = new JournalFile();
        for (int boot = 0; boot < 4; boot++) new SuspectJournal(file.Path, $"boot-{boot}").Enter(Key);
        using var journal = new SuspectJournal(file.Path, "boot-4");
        Assert.IsFalse(journal.IsSuspect(Key));
    }

    [TestMethod]
    public void Suspect_AfterAReboot_StaysSuspect()
    {
        using var file = new JournalFile();
        for (int start = 0; start < 2; start++) new SuspectJournal(file.Path, "boot-1").Enter(Key);
        new SuspectJournal(file.Path, "boot-1").Dispose(); // it counts the second death
        using var journal = new SuspectJournal(file.Path, "boot-2");
        Assert.IsTrue(journal.IsSuspect(Key));
    }

    [TestMethod]
    public void Suspect_StaysSoUntilCleared()
    {
        using var file = new JournalFile();
        file.DieInCall();
        file.DieInCall();
        using (var journal = new SuspectJournal(file.Path)) Assert.IsTrue(journal.IsSuspect(Key));
        Assert.IsTrue(file.IsSuspect());
        using (var journal = new SuspectJournal(file.Path)) journal.Clear(Key);
        Assert.IsFalse(file.IsSuspect());
    }

    [TestMethod]
    public void TornLastLine_IsPassedOver()
    {
        using var file = new JournalFile();
        file.DieInCall();
        File.AppendAllText(file.Path, "+");
        file.DieInCall();
        Assert.IsTrue(file.IsSuspect());
    }

    [TestMethod]
    public void ManyCalls_FileStaysSmall()
    {
        using var file = new JournalFile();
        using var journal = new SuspectJournal(file.Path);
        using IDisposable open = journal.Enter("store-y 1.0.0 def");
        for (int i = 0; i < 5000; i++) journal.Enter(Key).Dispose();
        Assert.IsLessThan(4200 * (Key.Length + 3), new FileInfo(file.Path).Length);
        Assert.Contains("+ store-y 1.0.0 def", File.ReadAllText(file.Path));
    }

    private sealed class JournalFile : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("tgt-journal-").FullName;

        public string Path => System.IO.Path.Combine(_directory, "in-use");

        /// <summary>Leaves the file as a process does that ends in the middle of a call.</summary>
        public void DieInCall() => new SuspectJournal(Path).Enter(Key);

        public bool IsSuspect()
        {
            string copy = Path + ".copy";
            File.Copy(Path, copy, overwrite: true);
            using var journal = new SuspectJournal(copy);
            return journal.IsSuspect(Key);
        }

        public void Dispose() => Directory.Delete(_directory, recursive: true);
    }
}
