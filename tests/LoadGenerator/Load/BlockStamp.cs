using System.Runtime.InteropServices;

namespace TgtModular.LoadGenerator.Load;

/// <summary>
/// Content of a logical block that says what it is: its number, who wrote it and the how manieth time; the rest follows from these, so
/// that a misplaced, stale, torn or corrupted block is found and named.
/// </summary>
public static class BlockStamp
{
    private const ulong Magic = 0x5447_544d_4f44_2e31;
    private const int HeaderWords = 3;

    /// <summary>Fills whole blocks.</summary>
    /// <param name="data">A multiple of <paramref name="blockLength"/>.</param>
    /// <param name="firstBlock">Number of the first block.</param>
    /// <param name="blockLength">In bytes.</param>
    /// <param name="writer">Who writes.</param>
    /// <param name="generation">The how manieth write of this block.</param>
    public static void Fill(Span<byte> data, ulong firstBlock, int blockLength, uint writer, uint generation)
    {
        for (ulong block = firstBlock; !data.IsEmpty; block++, data = data[blockLength..])
        {
            Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(data[..blockLength]);
            words[0] = Magic;
            words[1] = block;
            words[2] = ((ulong)writer << 32) | generation;
            ulong value = Seed(block, words[2]);
            for (int index = HeaderWords; index < words.Length; index++)
                words[index] = value += Step;
        }
    }

    /// <summary>The generation a block says it has; null when it is not stamped.</summary>
    public static uint? GenerationOf(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(block);
        return words[0] == Magic ? (uint)words[2] : null;
    }

    /// <summary>Null if the blocks are as <see cref="Fill"/> made them; else what is wrong with the first that is not.</summary>
    public static string? Check(ReadOnlySpan<byte> data, ulong firstBlock, int blockLength, uint writer, uint generation)
    {
        for (ulong block = firstBlock; !data.IsEmpty; block++, data = data[blockLength..])
        {
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(data[..blockLength]);
            ulong tag = ((ulong)writer << 32) | generation;
            if (words[0] != Magic || words[1] != block || words[2] != tag)
                return $"block {block} should be write {generation} of session {writer}, but {Describe(words)}";
            ulong value = Seed(block, tag);
            for (int index = HeaderWords; index < words.Length; index++)
            {
                if (words[index] != (value += Step))
                    return $"block {block}, write {generation} of session {writer}: wrong from byte {index * sizeof(ulong)} on";
            }
        }

        return null;
    }

    private const ulong Step = 0x9e37_79b9_7f4a_7c15;

    private static ulong Seed(ulong block, ulong tag) => (block * 0xff51_afd7_ed55_8ccd) ^ (tag * 0xc4ce_b9fe_1a85_ec53);

    private static string Describe(ReadOnlySpan<ulong> words) => words[0] == Magic
        ? $"holds block {words[1]}, write {(uint)words[2]} of session {words[2] >> 32}"
        : $"begins with {words[0]:x16}";
}
