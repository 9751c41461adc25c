using System.Runtime.InteropServices;
using TgtModular.Plugins;

namespace Assets;

/// <summary>Calls a native library that the tests put beside it, or do not.</summary>
[ExportStore("missing-native")]
public sealed partial class Factory : FakeStoreFactory
{
    private readonly uint _checksum = Checksum(0, [1, 2, 3], 3);

    protected override string Answer() => _checksum.ToString("X8");

    [LibraryImport("tgt-probe", EntryPoint = "CompressionNative_Crc32")]
    private static partial uint Checksum(uint seed, byte[] data, int length);
}
