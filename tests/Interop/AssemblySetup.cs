using TgtModular.Interop.Harness;

// Two at a time: the daemons, kernels and tools that the tests start want processors too.
[assembly: Parallelize(Workers = 2, Scope = ExecutionScope.MethodLevel)]

namespace TgtModular.Interop;

/// <summary>What several classes of tests share is removed after the last of them.</summary>
[TestClass]
public static class AssemblySetup
{
    [AssemblyCleanup]
    public static void CleanUp() => OutsidePlugin.CleanUp();
}
