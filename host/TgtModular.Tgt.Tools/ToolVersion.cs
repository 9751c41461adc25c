namespace TgtModular.Tgt.Tools;

/// <summary>Version of the tools.</summary>
internal static class ToolVersion
{
    /// <summary>Three numbers, as tgt's tools print them.</summary>
    public static string Text { get; } = typeof(ToolVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
