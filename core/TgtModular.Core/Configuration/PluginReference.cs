using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TgtModular.Core.Configuration;

/// <summary>Names a plugin's export, as <c>sbc</c> or, pinned to a version, as <c>sbc@1.2</c>.</summary>
/// <param name="Name">Name of the export: lower case letters, digits and hyphens.</param>
/// <param name="Version">
/// The version asked for, of one to three numbers, optionally with a prerelease label; parts left out match any. Null: the highest compatible one.
/// </param>
public sealed partial record PluginReference(string Name, string? Version = null)
{
    /// <summary>Reads <c>name</c> or <c>name@version</c>.</summary>
    /// <returns>False when it is neither.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out PluginReference? reference)
    {
        Match match = Form.Match(text);
        reference = match.Success
            ? new PluginReference(match.Groups["name"].Value, match.Groups["version"] is { Success: true } version ? version.Value : null) : null;
        return match.Success;
    }

    /// <inheritdoc/>
    public override string ToString() => Version is null ? Name : $"{Name}@{Version}";

    [GeneratedRegex(@"\A(?<name>[a-z0-9]+(-[a-z0-9]+)*)(@(?<version>[0-9]{1,9}(\.[0-9]{1,9}){0,2}(-[0-9A-Za-z.-]{1,64})?))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }
}
