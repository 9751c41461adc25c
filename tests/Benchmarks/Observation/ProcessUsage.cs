using System.Globalization;

namespace TgtModular.Benchmarks.Observation;

/// <summary>What the kernel knows of a process (proc(5)).</summary>
internal sealed class ProcessUsage(int processId)
{
    private const double NanosecondsPerTick = 1e9 / 100; // USER_HZ, which is 100 on every architecture .NET runs on

    /// <summary>User and system time of all threads so far, those that have ended included; steps of 10 ms.</summary>
    public double ProcessorNanoseconds()
    {
        string stat = File.ReadAllText(Path("stat"));
        // The name, in brackets, may hold anything; fields are counted from behind it.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        const int UserTime = 11; // field 14 of the file; the first behind the name is field 3
        return (double.Parse(fields[UserTime], CultureInfo.InvariantCulture) + double.Parse(fields[UserTime + 1], CultureInfo.InvariantCulture)) * NanosecondsPerTick;
    }

    /// <summary>Resident memory in bytes, now.</summary>
    public double ResidentBytes()
    {
        string line = File.ReadLines(Path("status")).First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private string Path(string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}");
}
