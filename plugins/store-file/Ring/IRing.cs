using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>What a request asks of the kernel.</summary>
internal enum RingCall
{
    /// <summary>preadv.</summary>
    Read,

    /// <summary>pwritev.</summary>
    Write,

    /// <summary>pwritev2 with RWF_DSYNC.</summary>
    WriteDurably,

    /// <summary>fdatasync.</summary>
    DataSync,
}

/// <summary>One request.</summary>
internal readonly unsafe struct RingRequest
{
    /// <summary>Comes back with the completion; not negative.</summary>
    public required int Key { get; init; }

    /// <summary>What is to be done.</summary>
    public required RingCall Call { get; init; }

    /// <summary>On which file.</summary>
    public required int Descriptor { get; init; }

    /// <summary>Where the data lie; looked at before the ring's method returns.</summary>
    public IoVector* Vectors { get; init; }

    /// <summary>Vectors.</summary>
    public int Count { get; init; }

    /// <summary>First byte in the file.</summary>
    public long Offset { get; init; }

    /// <summary>May block: a thread of the kernel does it.</summary>
    public bool OnKernelThread { get; init; }
}

/// <summary>How a request ended.</summary>
/// <param name="Key">The request's.</param>
/// <param name="Result">Bytes, or a negative errno.</param>
internal readonly record struct RingCompletion(int Key, int Result);

/// <summary>
/// Requests to the kernel and their completions. It belongs to one thread, which enables it first; only <see cref="Wake"/> may be called by others. An
/// interface so that tests count, shorten and fail what it is asked for.
/// </summary>
internal interface IRing : IDisposable
{
    /// <summary>The calling thread is the ring's from here on.</summary>
    void Enable();

    /// <summary>False when nothing can be added before the next <see cref="Enter"/>.</summary>
    bool HasRoom { get; }

    /// <summary>Adds a request, if there is room.</summary>
    void Add(in RingRequest request);

    /// <summary>Hands all that was added to the kernel in one call.</summary>
    /// <param name="wait">Wait until there is a completion, or <see cref="Wake"/> was called.</param>
    void Enter(bool wait);

    /// <summary>Takes a completion that is there.</summary>
    bool TryTake(out RingCompletion completion);

    /// <summary>Ends the wait of <see cref="Enter"/>, this one's or the next one's.</summary>
    void Wake();
}

/// <summary>Makes a ring; null, with the reason, where there is none to be had.</summary>
/// <param name="file">Descriptor that most requests are for.</param>
/// <param name="problem">Why not, for people.</param>
internal delegate IRing? RingMaker(int file, out string problem);
