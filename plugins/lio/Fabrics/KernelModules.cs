using System.ComponentModel;
using System.Diagnostics;

namespace TgtModular.Lio.Fabrics;

/// <summary>Loads kernel modules.</summary>
public interface IKernelModules
{
    /// <summary>Loads a module, unless it is there.</summary>
    /// <returns>Why it is not there now; null when it is.</returns>
    string? Load(string module);
}

/// <summary>Loads them with modprobe(8), as an administrator would.</summary>
/// <param name="sysfs">Tells what is there.</param>
public sealed class Modprobe(Sysfs sysfs) : IKernelModules
{
    private static readonly string[] Places = ["/usr/sbin/modprobe", "/sbin/modprobe", "/usr/bin/modprobe", "/bin/modprobe"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public string? Load(string module)
    {
        if (sysfs.Exists($"module/{module}")) return null;
        if (Places.FirstOrDefault(File.Exists) is not { } tool) return "there is no modprobe";
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(tool, [module]) { RedirectStandardError = true };
        try
        {
            _ = process.Start();
        }
        catch (Win32Exception failure)
        {
            return $"modprobe: {failure.Message}";
        }

        string said = process.StandardError.ReadToEnd().Trim();
        if (!process.WaitForExit(Patience)) return "modprobe does not end";
        return process.ExitCode == 0 ? null : said.Length > 0 ? said : $"modprobe {module} ended with {process.ExitCode}";
    }
}
