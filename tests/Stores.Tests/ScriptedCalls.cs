using TgtModular.Stores.Native;

namespace TgtModular.Stores.Tests;

/// <summary>Counts system calls, and answers instead of the kernel where a test says so.</summary>
internal sealed class CallScript
{
    private readonly List<string> _calls = [];
    private int _entered;

    /// <summary>Called before each call with its name; a value is its result, null lets the kernel do it.</summary>
    public Func<string, nint?>? Answer { get; set; }

    /// <summary>Longest transfer of one call in bytes; longer ones are cut, as the kernel may.</summary>
    public int LongestTransfer { get; set; } = int.MaxValue;

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls) return [.. _calls];
        }
    }

    /// <summary>The calls that may wait: not the questions for what the page cache holds.</summary>
    public IReadOnlyList<string> Waits => [.. Calls.Where(name => !name.EndsWith("-cached", StringComparison.Ordinal))];

    public int Count(string call) => Calls.Count(name => name == call);

    public void Forget()
    {
        lock (_calls) _calls.Clear();
    }

    /// <summary>Descriptors of durable writes.</summary>
    public HashSet<int> Descriptors { get; } = [];

    /// <summary>Why there is no ring; null to let the kernel decide.</summary>
    public string? RingProblem { get; set; }

    /// <summary>How often a ring was entered.</summary>
    public int Entered => _entered;

    public void Enter() => Interlocked.Increment(ref _entered);

    public bool TryAnswer(string call, out nint result, int descriptor = -1)
    {
        lock (_calls)
        {
            _calls.Add(call);
            if (descriptor >= 0) Descriptors.Add(descriptor);
        }

        nint? answer = Answer?.Invoke(call);
        result = answer ?? 0;
        return answer is not null;
    }

    /// <summary>Shortens the vectors to the longest transfer; gives their new number.</summary>
    public unsafe int Cut(IoVector* vectors, int count)
    {
        long left = LongestTransfer;
        for (int i = 0; i < count; i++)
        {
            if ((long)vectors[i].Length >= left)
            {
                vectors[i].Length = (nuint)left;
                return i + 1;
            }

            left -= (long)vectors[i].Length;
        }

        return count;
    }
}

/// <summary>The kernel's calls under a script.</summary>
internal readonly unsafe struct ScriptedCalls(CallScript script) : ISystemCalls
{
    private static LinuxSystemCalls Kernel => default;

    public nint Read(int descriptor, IoVector* vectors, int count, long offset) =>
        script.TryAnswer("read", out nint result) ? result : Kernel.Read(descriptor, vectors, script.Cut(vectors, count), offset);

    public nint Write(int descriptor, IoVector* vectors, int count, long offset) =>
        script.TryAnswer("write", out nint result) ? result : Kernel.Write(descriptor, vectors, script.Cut(vectors, count), offset);

    public nint ReadCached(int descriptor, IoVector* vectors, int count, long offset) =>
        script.TryAnswer("read-cached", out nint result) ? result : Kernel.ReadCached(descriptor, vectors, script.Cut(vectors, count), offset);

    public nint WriteCached(int descriptor, IoVector* vectors, int count, long offset) =>
        script.TryAnswer("write-cached", out nint result) ? result : Kernel.WriteCached(descriptor, vectors, script.Cut(vectors, count), offset);

    public nint WriteDurably(int descriptor, IoVector* vectors, int count, long offset) =>
        script.TryAnswer("write-durably", out nint result, descriptor) ? result : Kernel.WriteDurably(descriptor, vectors, script.Cut(vectors, count), offset);

    public int Reopen(int descriptor, CacheMode cache) => script.Answer?.Invoke("open") is { } result ? (int)result : Kernel.Reopen(descriptor, cache);

    public int DataSync(int descriptor) => script.TryAnswer("fdatasync", out nint result) ? (int)result : Kernel.DataSync(descriptor);

    public int Truncate(int descriptor, long length) => script.TryAnswer("ftruncate", out nint result) ? (int)result : Kernel.Truncate(descriptor, length);

    public int Allocate(int descriptor, AllocateModes modes, long offset, long length) =>
        script.TryAnswer($"fallocate {modes}", out nint result) ? (int)result : Kernel.Allocate(descriptor, modes, offset, length);

    public long Seek(int descriptor, long offset, bool data) => script.TryAnswer("lseek", out nint result) ? result : Kernel.Seek(descriptor, offset, data);

    public int DiscardBlocks(int descriptor, long offset, long length) =>
        script.TryAnswer("blkdiscard", out nint result) ? (int)result : Kernel.DiscardBlocks(descriptor, offset, length);

    public int ZeroBlocks(int descriptor, long offset, long length) =>
        script.TryAnswer("blkzeroout", out nint result) ? (int)result : Kernel.ZeroBlocks(descriptor, offset, length);

    public long GetDeviceLength(int descriptor) => script.TryAnswer("blkgetsize", out nint result) ? result : Kernel.GetDeviceLength(descriptor);
}
