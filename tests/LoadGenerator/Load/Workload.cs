namespace TgtModular.LoadGenerator.Load;

/// <summary>One command to come.</summary>
/// <param name="Chunk">Number of the piece, of the transfer length, within the session's part.</param>
/// <param name="Block">First logical block.</param>
/// <param name="IsWrite">Write or read.</param>
internal readonly record struct Operation(int Chunk, ulong Block, bool IsWrite);

/// <summary>
/// Chooses the commands of one session. When verifying, remembers which write each piece holds and never has two commands outstanding
/// on the same piece. Owned by the session's thread.
/// </summary>
internal sealed class Workload
{
    /// <summary>Never written, or written by a command that failed: nothing is known of it.</summary>
    private const uint Unknown = 0;

    private readonly AccessPattern _pattern;
    private readonly int _readPercent;
    private readonly ulong _firstBlock;
    private readonly int _chunks;
    private readonly uint _blocksPerChunk;
    private readonly uint[]? _generations;
    private readonly bool[]? _busy;
    private ulong _random;
    private int _next;

    /// <param name="pattern">Order and direction.</param>
    /// <param name="readPercent">Reads among the commands of a mix.</param>
    /// <param name="firstBlock">Begin of the session's part.</param>
    /// <param name="chunks">Length of the part in pieces.</param>
    /// <param name="blocksPerChunk">Logical blocks per piece.</param>
    /// <param name="verify">Keep the books of what each piece holds.</param>
    /// <param name="seed">Of the random order.</param>
    public Workload(AccessPattern pattern, int readPercent, ulong firstBlock, int chunks, uint blocksPerChunk, bool verify, ulong seed)
    {
        _pattern = pattern;
        _readPercent = readPercent;
        _firstBlock = firstBlock;
        _chunks = chunks;
        _blocksPerChunk = blocksPerChunk;
        _random = (seed * 0x9e37_79b9_7f4a_7c15) | 1;
        if (verify)
        {
            _generations = new uint[chunks];
            _busy = new bool[chunks];
        }
    }

    public Operation Next()
    {
        bool isRandom = _pattern is AccessPattern.RandomRead or AccessPattern.RandomWrite or AccessPattern.RandomMix;
        int chunk = isRandom ? (int)(((UInt128)Random() * (ulong)_chunks) >> 64) : _next;
        while (_busy != null && _busy[chunk])
            chunk = chunk + 1 == _chunks ? 0 : chunk + 1;
        _next = chunk + 1 == _chunks ? 0 : chunk + 1;
        bool isWrite = _pattern is AccessPattern.RandomWrite or AccessPattern.Write
            || (_pattern == AccessPattern.RandomMix && (int)(Random() % 100) >= _readPercent);
        // Reading what was never written checks nothing.
        if (_generations != null && _generations[chunk] == Unknown)
            isWrite = true;
        if (_busy != null)
            _busy[chunk] = true;
        return new Operation(chunk, _firstBlock + (ulong)chunk * _blocksPerChunk, isWrite);
    }

    /// <summary>Which write the piece holds; null if that is not known.</summary>
    public uint? GenerationOf(int chunk) => _generations == null || _generations[chunk] == Unknown ? null : _generations[chunk];

    /// <summary>Number of a new write of the piece. Until <see cref="Done"/> nothing is known of it.</summary>
    public uint NextGeneration(int chunk) => _generations == null ? 1 : _generations[chunk] + 1;

    public void Done(in Operation operation, uint generation, bool succeeded)
    {
        if (_generations == null || _busy == null)
            return;
        _busy[operation.Chunk] = false;
        if (operation.IsWrite)
            _generations[operation.Chunk] = succeeded ? generation : Unknown;
    }

    /// <summary>Xorshift64*.</summary>
    private ulong Random()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        return _random * 0x2545_f491_4f6c_dd1d;
    }
}
