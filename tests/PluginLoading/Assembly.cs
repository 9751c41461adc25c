global using Microsoft.VisualStudio.TestTools.UnitTesting;

using System.Runtime.InteropServices;

[assembly: Parallelize(Workers = 0, Scope = ExecutionScope.MethodLevel)]

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public static partial class AssemblySetup
{
    private const uint OthersMayNotWrite = 0x12; // 022

    /// <summary>What the tests write must be fit to be loaded, whatever the umask they are run with.</summary>
    [AssemblyInitialize]
    public static void SetUmask(TestContext context)
    {
        _ = context;
        _ = SetUmask(OthersMayNotWrite);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetUmask(uint mask);
}
