using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>
/// AES-XTS (IEEE 1619, NIST SP 800-38E) over sectors: each is a data unit whose tweak is its number, 64 bits with the least significant byte first, as dm-crypt's
/// <c>xts-plain64</c> has it. Any number of threads.
/// </summary>
internal sealed unsafe class XtsCipher : IDisposable
{
    private const int TweakLength = 16;

    private readonly ConcurrentBag<nint> _encrypting = [];
    private readonly ConcurrentBag<nint> _decrypting = [];
    private readonly byte[] _key;
    private readonly int _sectorLength;
    private bool _disposed;

    /// <summary>Takes the key over, and erases it in the end.</summary>
    /// <param name="key">32 bytes for AES-128 or 64 for AES-256: two keys of the same length, which must differ.</param>
    /// <param name="sectorLength">Bytes of a data unit, a multiple of 16.</param>
    public XtsCipher(byte[] key, int sectorLength)
    {
        _key = key;
        _sectorLength = sectorLength;
        Return(Rent(encrypt: true), encrypt: true); // what is wrong with the key shows now
    }

    /// <summary>Encrypts whole sectors; the two may be the same memory.</summary>
    public void Encrypt(ReadOnlySpan<byte> plain, Span<byte> cipher, long firstSector) => Run(plain, cipher, firstSector, encrypt: true);

    /// <summary>Decrypts whole sectors in place.</summary>
    public void Decrypt(Span<byte> data, long firstSector) => Run(data, data, firstSector, encrypt: false);

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        while (_encrypting.TryTake(out nint context)) LibCrypto.FreeContext(context);
        while (_decrypting.TryTake(out nint context)) LibCrypto.FreeContext(context);
        CryptographicOperations.ZeroMemory(_key);
    }

    private void Run(ReadOnlySpan<byte> source, Span<byte> destination, long sector, bool encrypt)
    {
        nint context = Rent(encrypt);
        try
        {
            byte* tweak = stackalloc byte[TweakLength];
            BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(tweak + 8, 8), 0);
            fixed (byte* from = source)
            fixed (byte* to = destination)
            {
                for (int offset = 0; offset < source.Length; offset += _sectorLength, sector++)
                {
                    BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(tweak, 8), sector);
                    int written = 0;
                    if (LibCrypto.Initialize(context, 0, 0, null, tweak, -1) != 1
                        || LibCrypto.Update(context, to + offset, &written, from + offset, _sectorLength) != 1 || written != _sectorLength)
                        throw new CryptographicException("libcrypto failed in the middle of a sector");
                }
            }
        }
        finally
        {
            Return(context, encrypt);
        }
    }

    private nint Rent(bool encrypt)
    {
        if ((encrypt ? _encrypting : _decrypting).TryTake(out nint context)) return context;
        context = LibCrypto.NewContext();
        if (context == 0) throw new CryptographicException("libcrypto has no memory for a cipher context");
        fixed (byte* key = _key)
        {
            nint cipher = _key.Length == 32 ? LibCrypto.EncryptAes128Xts() : LibCrypto.EncryptAes256Xts();
            if (LibCrypto.Initialize(context, cipher, 0, key, null, encrypt ? 1 : 0) == 1) return context;
        }

        LibCrypto.FreeContext(context);
        throw new CryptographicException("libcrypto refuses the key: its two halves must differ");
    }

    private void Return(nint context, bool encrypt) => (encrypt ? _encrypting : _decrypting).Add(context);
}
