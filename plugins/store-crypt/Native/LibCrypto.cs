using System.Reflection;
using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>The cipher calls of OpenSSL's libcrypto (EVP_EncryptInit(3)), which .NET does not show: it has no XTS.</summary>
internal static unsafe partial class LibCrypto
{
    private const string Library = "libcrypto";

    static LibCrypto() => NativeLibrary.SetDllImportResolver(typeof(LibCrypto).Assembly, Resolve);

    /// <summary>True when the library is there; else the reason.</summary>
    public static bool IsPresent(out string problem)
    {
        problem = "";
        try
        {
            if (EncryptAes256Xts() != 0 && EncryptAes128Xts() != 0) return true;
            problem = "libcrypto has no AES-XTS";
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            problem = "OpenSSL's libcrypto is not installed (Debian package libssl3)";
        }

        return false;
    }

    [LibraryImport(Library, EntryPoint = "EVP_aes_128_xts")]
    public static partial nint EncryptAes128Xts();

    [LibraryImport(Library, EntryPoint = "EVP_aes_256_xts")]
    public static partial nint EncryptAes256Xts();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_new")]
    public static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_CIPHER_CTX_free")]
    public static partial void FreeContext(nint context);

    /// <summary>Sets what is not null; 1 on success.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_CipherInit_ex")]
    public static partial int Initialize(nint context, nint cipher, nint engine, byte* key, byte* tweak, int encrypt);

    /// <summary>Treats one data unit; 1 on success.</summary>
    [LibraryImport(Library, EntryPoint = "EVP_CipherUpdate")]
    public static partial int Update(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library) return 0;
        foreach (string candidate in (string[])["libcrypto.so.3", "libcrypto.so.1.1"])
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle)) return handle;
        }

        return 0;
    }
}
