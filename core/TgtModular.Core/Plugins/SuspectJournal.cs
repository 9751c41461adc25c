using System.Globalization;
using System.Text;
using TgtModular.Core.State;

namespace TgtModular.Core.Plugins;

/// <summary>
/// Remembers across starts which plugin the daemon was in a call of when it died. Some faults end a process whatever it does (stack overflow, a fault in
/// native code, FailFast): a plugin in whose call that happened twice in a row is suspect and is not loaded again until it is replaced or
/// <see cref="Clear"/> is called.
/// </summary>
/// <remarks>
/// Only calls that are entered here count by themselves: loading, opening, creating, starting. A call on the data path is not entered: a daemon that is killed from
/// outside in the middle of writes would make good plugins suspect; there, what the runtime writes down at a crash names the plugin (<see cref="CountCrash"/>). Nor does a death together with the machine: after a power cut the return of a call
/// may be missing that was made long ago. The file has one line for each event: <c>@ boot</c> the boot of the machine it was begun in, <c>+ key</c> a
/// call began (durable before it does), <c>- key</c> it returned, <c>! count key</c> deaths in earlier starts. To clear by hand, remove the file while
/// the daemon is stopped.
/// </remarks>
public sealed class SuspectJournal : IDisposable
{
    private const int DeathsToSuspect = 2;
    private const string AtWork = "at work: ";
    private const int LinesToCompact = 4096;
    private const long MaximumLength = 16 << 20;
    private const string BootIdentifierFile = "/proc/sys/kernel/random/boot_id";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _deaths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _returned = new(StringComparer.Ordinal);
    private readonly string _path;
    private readonly string _boot;
    private string? _lastBoot;
    private FileStream? _file;
    private int _lines;

    /// <summary>Opens the journal and settles how the last start ended.</summary>
    /// <param name="path">Its file; made when it is not there.</param>
    /// <param name="boot">Names the present boot of the machine; null for what the system says.</param>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public SuspectJournal(string path, string? boot = null)
    {
        _path = Path.GetFullPath(path);
        _boot = boot ?? (File.Exists(BootIdentifierFile) ? File.ReadAllText(BootIdentifierFile).Trim() : "-");
        DurableFile.MakeDirectory(Path.GetDirectoryName(_path)!);
        Read();
        Settle(died: _lastBoot == _boot);
        Rewrite();
    }

    /// <summary>The file.</summary>
    public string FilePath => _path;

    /// <summary>True when the daemon died twice in a row in a call of that plugin.</summary>
    public bool IsSuspect(string key)
    {
        lock (_lock) return _deaths.GetValueOrDefault(key) >= DeathsToSuspect || _deaths.GetValueOrDefault(AtWork + key) >= DeathsToSuspect;
    }

    /// <summary>
    /// Counts, durably, a death of the daemon that the plugin's code caused while it was at work. That it opened well since then says nothing; that the daemon ended in good
    /// order does.
    /// </summary>
    public void CountCrash(string key)
    {
        lock (_lock)
        {
            Count(_deaths, AtWork + key, 1);
            Rewrite();
        }
    }

    /// <summary>Marks the begin of a call, durably; disposing the result marks its return.</summary>
    /// <param name="key">Name, version and content of the plugin; one line.</param>
    /// <exception cref="IOException">The mark cannot be made durable.</exception>
    public IDisposable Enter(string key)
    {
        lock (_lock)
        {
            Count(_running, key, 1);
            Append($"+ {key}", durable: true);
        }

        return new Call(this, key);
    }

    /// <summary>Forgets what is held against a plugin, durably.</summary>
    public void Clear(string key)
    {
        lock (_lock)
        {
            if (_deaths.Remove(key) | _deaths.Remove(AtWork + key)) Rewrite();
        }
    }

    /// <summary>The daemon ends in good order: what is running now is nobody's fault.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_file is null) return;
            Settle(died: false);
            foreach (string key in _deaths.Keys.Where(key => key.StartsWith(AtWork, StringComparison.Ordinal) && _deaths[key] < DeathsToSuspect).ToArray()) _deaths.Remove(key);
            Rewrite();
            _file.Dispose();
            _file = null;
        }
    }

    private void Leave(string key)
    {
        lock (_lock)
        {
            Count(_running, key, -1);
            _returned.Add(key);
            if (_file is null) return;
            if (_lines >= LinesToCompact) Rewrite();
            else Append($"- {key}", durable: false); // What the kernel has outlives this process; a power cut is not the plugin's fault.
        }
    }

    private void Read()
    {
        var file = new FileInfo(_path);
        if (!file.Exists) return;
        if (file.Length > MaximumLength) throw new IOException($"{_path} has {file.Length} bytes: this is no journal of plugins; remove it");
        foreach (string line in File.ReadLines(_path))
        {
            string[] parts = line.Split(' ', 2);
            if (parts.Length < 2) continue; // The end of a write that a power cut tore.
            if (parts[0] == "@") _lastBoot = parts[1];
            else if (parts[0] == "+") Count(_running, parts[1], 1);
            else if (parts[0] == "-") ReadReturn(parts[1]);
            else if (parts[0] == "!") ReadDeaths(parts[1]);
        }
    }

    private void ReadReturn(string key)
    {
        Count(_running, key, -1);
        _returned.Add(key);
    }

    private void ReadDeaths(string text)
    {
        string[] parts = text.Split(' ', 2);
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int count)) _deaths[parts[1]] = count;
    }

    /// <summary>Ends the account of one start: a death counts against what was running, and a call that returned clears a first death.</summary>
    private void Settle(bool died)
    {
        foreach (string key in _returned)
        {
            if (_deaths.GetValueOrDefault(key) < DeathsToSuspect && !(died && _running.ContainsKey(key))) _deaths.Remove(key);
        }

        foreach (string key in _running.Keys)
        {
            if (died) Count(_deaths, key, 1);
        }

        _running.Clear();
        _returned.Clear();
    }

    private void Rewrite()
    {
        _file?.Dispose();
        var content = new StringBuilder();
        content.Append(CultureInfo.InvariantCulture, $"@ {_boot}\n");
        foreach ((string key, int count) in _deaths) content.Append(CultureInfo.InvariantCulture, $"! {count} {key}\n");
        foreach (string key in _returned) content.Append(CultureInfo.InvariantCulture, $"+ {key}\n- {key}\n");
        foreach ((string key, int count) in _running)
        {
            for (int i = 0; i < count; i++) content.Append(CultureInfo.InvariantCulture, $"+ {key}\n");
        }

        DurableFile.Replace(_path, Encoding.UTF8.GetBytes(content.ToString()));
        _file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _lines = 0;
    }

    private void Append(string line, bool durable)
    {
        ObjectDisposedException.ThrowIf(_file is null, this);
        _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        if (durable) _file.Flush(flushToDisk: true);
        _lines++;
    }

    private static void Count(Dictionary<string, int> counts, string key, int change)
    {
        int count = counts.GetValueOrDefault(key) + change;
        if (count > 0) counts[key] = count;
        else counts.Remove(key);
    }

    private sealed class Call(SuspectJournal journal, string key) : IDisposable
    {
        private SuspectJournal? _journal = journal;

        public void Dispose() => Interlocked.Exchange(ref _journal, null)?.Leave(key);
    }
}
