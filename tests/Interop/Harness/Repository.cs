namespace TgtModular.Interop.Harness;

/// <summary>Paths of the working copy the tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The runnable tree as the build leaves it.</summary>
    public static string Tree => Path.Combine(Root, "artifacts", "tgt");

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory != null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "TgtModular.sln")))
                return directory.FullName;
        }

        throw new InvalidOperationException("The tests do not lie in a working copy: no TgtModular.sln above them.");
    }
}
