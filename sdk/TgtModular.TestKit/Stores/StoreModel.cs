namespace TgtModular.TestKit;

/// <summary>What a store must hold: a byte array beside it.</summary>
/// <param name="length">Bytes.</param>
/// <param name="keepsData">False for a store that swallows writes and reads as zero.</param>
internal sealed class StoreModel(long length, bool keepsData)
{
    private byte[] _bytes = new byte[length];

    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> Read(long offset, int count) => _bytes.AsSpan((int)offset, count);

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (keepsData) data.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void Clear(long offset, long count) => _bytes.AsSpan((int)offset, (int)count).Clear();

    public void Resize(long newLength) => Array.Resize(ref _bytes, (int)newLength);
}
