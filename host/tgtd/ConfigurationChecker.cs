using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon;

/// <summary><c>tgtd --check</c>.</summary>
internal static class ConfigurationChecker
{
    public static int Run(DaemonOptions options)
    {
        string file = options.ConfigurationFile ?? ControlPaths.ConfigurationFile;
        IReadOnlyList<ConfigurationProblem> problems = ConfigurationCheck.Run(file, options.PluginDirectories);
        foreach (ConfigurationProblem problem in problems) Console.Error.WriteLine(problem);
        if (problems.Any(problem => !problem.IsWarning)) return ExitStatus.Invalid;
        Console.WriteLine($"{file}: right");
        return ExitStatus.Ok;
    }
}
