using System.Buffers;
using System.Security.Cryptography;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>The file with the key.</summary>
internal static class KeyFile
{
    private const int Aes128 = 32;
    private const int Aes256 = 64;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Reads a key: 32 or 64 bytes as they are, or as hexadecimal digits in one line.</summary>
    /// <exception cref="StoreOpenException">There is none, or everyone may read it.</exception>
    public static byte[] Read(string path)
    {
        byte[] content = ReadAll(path);
        try
        {
            ReadOnlySpan<byte> line = content.AsSpan().TrimEnd("\r\n"u8);
            if (line.Length is (2 * Aes128) or (2 * Aes256) && IsHexadecimal(line)) return Convert.FromHexString(System.Text.Encoding.ASCII.GetString(line));
            if (content.Length is Aes128 or Aes256) return content.AsSpan().ToArray();
            throw new StoreOpenException(
                $"key file '{path}' has {content.Length} bytes: a key is 32 bytes (AES-128-XTS) or 64 (AES-256-XTS), as they are or as hexadecimal digits");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
            if ((File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
                throw new StoreOpenException($"key file '{path}' can be read or written by others than its owner: chmod 600 it");
            byte[] bytes = new byte[(2 * Aes256) + 3]; // one more than the longest that is taken
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes.AsSpan(0, length).ToArray();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StoreOpenException($"key file '{path}' cannot be read: {failure.Message}", failure);
        }
    }

    private static bool IsHexadecimal(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(Digits) < 0;
}
