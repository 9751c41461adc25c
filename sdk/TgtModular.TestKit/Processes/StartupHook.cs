using TgtModular.TestKit;

/// <summary>
/// What the runtime calls in a child process of the kit before the program's own Main (DOTNET_STARTUP_HOOKS): the child is the test assembly once more, with
/// all that it references, and does one job of a suite instead of running tests. The runtime wants this name, outside of any namespace.
/// </summary>
#pragma warning disable CA1050
internal static class StartupHook
#pragma warning restore CA1050
{
    /// <summary>Does the job that the environment names; nothing where it names none.</summary>
    public static void Initialize() => ChildProcess.RunJob();
}
