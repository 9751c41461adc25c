using System.Text.Json;

namespace TgtModular.Core.Plugins;

/// <summary>A frame of the thread that ended the process.</summary>
/// <param name="Module">Identity of the managed module (its MVID); null of native code.</param>
/// <param name="NativeFile">File name of the native library; null of managed code.</param>
/// <param name="Text">For people.</param>
internal sealed record CrashFrame(Guid? Module, string? NativeFile, string Text);

/// <summary>How the daemon died, as the runtime wrote it down while it did.</summary>
/// <param name="Path">The file.</param>
/// <param name="Frames">Of the thread that ended it, innermost first.</param>
internal sealed record CrashReport(string Path, IReadOnlyList<CrashFrame> Frames);

/// <summary>
/// Reads what the runtime's createdump leaves when a process ends by a stack overflow, a fault in native code or FailFast: with
/// <c>DOTNET_DbgEnableMiniDump</c>, <c>DOTNET_EnableCrashReport</c> and <c>DOTNET_EnableCrashReportOnly</c> set, a file in JSON at <c>DOTNET_DbgMiniDumpName</c>.
/// </summary>
public static class CrashReports
{
    public const string NameVariable = "DOTNET_DbgMiniDumpName";
    private const string Suffix = ".crashreport.json";
    private const int MaximumReports = 16;
    private const long MaximumLength = 16 << 20;
    private const int MaximumFrames = 256;

    /// <summary>Where this process would leave its own; null for nowhere.</summary>
    public static string? Directory => System.IO.Path.GetDirectoryName(Environment.GetEnvironmentVariable(NameVariable)) is { Length: > 0 } directory ? directory : null;

    /// <summary>Takes the reports out of a directory: read once, they are removed. What cannot be understood is removed and left out.</summary>
    internal static IReadOnlyList<CrashReport> Take(string directory)
    {
        List<CrashReport> reports = [];
        if (!System.IO.Directory.Exists(directory)) return reports;
        foreach (string path in System.IO.Directory.EnumerateFiles(directory, "*" + Suffix).Order(StringComparer.Ordinal).Take(MaximumReports).ToArray())
        {
            if (TryRead(path) is { } report) reports.Add(report);
            File.Delete(path);
        }

        return reports;
    }

    private static CrashReport? TryRead(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaximumLength) return null;
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement crashed = document.RootElement.GetProperty("payload").GetProperty("threads").EnumerateArray()
                .FirstOrDefault(thread => Text(thread, "crashed") == "true");
            return crashed.ValueKind == JsonValueKind.Object
                ? new CrashReport(path, [.. crashed.GetProperty("stack_frames").EnumerateArray().Take(MaximumFrames).Select(ReadFrame).OfType<CrashFrame>()])
                : null;
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // The machine went down in the middle of it, or it is of another runtime.
        }
    }

    /// <summary>Null of a frame that names neither module nor library, as what stands for repeated ones.</summary>
    private static CrashFrame? ReadFrame(JsonElement frame)
    {
        if (Guid.TryParseExact(Text(frame, "guid"), "N", out Guid module))
            return new CrashFrame(module, null, $"{Text(frame, "method_name")} ({Text(frame, "filename")})");
        return Text(frame, "native_module") is { } library ? new CrashFrame(null, library, library) : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
