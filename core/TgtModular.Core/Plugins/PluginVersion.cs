using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TgtModular.Core.Plugins;

/// <summary>Version of a plugin: three numbers and an optional prerelease label, ordered as Semantic Versioning 2.0.0 clause 11 orders them.</summary>
/// <param name="Major">First number.</param>
/// <param name="Minor">Second number.</param>
/// <param name="Patch">Third number.</param>
/// <param name="Prerelease">Label without its hyphen; empty for a release.</param>
public sealed partial record PluginVersion(int Major, int Minor, int Patch, string Prerelease = "") : IComparable<PluginVersion>
{
    /// <summary>Reads <c>1.2.3</c> or <c>1.2.3-label</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out PluginVersion? version)
    {
        Match match = Form.Match(text);
        version = match.Success ? new PluginVersion(Number(match, 1), Number(match, 2), Number(match, 3), match.Groups[4].Value) : null;
        return match.Success;
    }

    /// <summary>True when this is the version asked for.</summary>
    /// <param name="pin">One to three numbers: the parts that are left out match any. With a prerelease label, the exact version.</param>
    public bool Matches(string pin)
    {
        ArgumentNullException.ThrowIfNull(pin);
        string text = ToString();
        if (pin.Contains('-')) return text == pin;
        return text == pin || text.StartsWith(pin + ".", StringComparison.Ordinal) || text.StartsWith(pin + "-", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public int CompareTo(PluginVersion? other)
    {
        if (other is null) return 1;
        int numbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return numbers != 0 ? numbers : ComparePrerelease(Prerelease, other.Prerelease);
    }

    /// <inheritdoc/>
    public override string ToString() => Prerelease.Length == 0 ? $"{Major}.{Minor}.{Patch}" : $"{Major}.{Minor}.{Patch}-{Prerelease}";

    /// <summary>Lower version.</summary>
    public static bool operator <(PluginVersion left, PluginVersion right) => Comparer<PluginVersion>.Default.Compare(left, right) < 0;

    /// <summary>Lower version, or the same.</summary>
    public static bool operator <=(PluginVersion left, PluginVersion right) => Comparer<PluginVersion>.Default.Compare(left, right) <= 0;

    /// <summary>Higher version.</summary>
    public static bool operator >(PluginVersion left, PluginVersion right) => Comparer<PluginVersion>.Default.Compare(left, right) > 0;

    /// <summary>Higher version, or the same.</summary>
    public static bool operator >=(PluginVersion left, PluginVersion right) => Comparer<PluginVersion>.Default.Compare(left, right) >= 0;

    private static int ComparePrerelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0) return right.Length.CompareTo(left.Length);
        string[] lefts = left.Split('.');
        string[] rights = right.Split('.');
        for (int i = 0; i < Math.Min(lefts.Length, rights.Length); i++)
        {
            int order = CompareIdentifier(lefts[i], rights[i]);
            if (order != 0) return order;
        }

        return lefts.Length.CompareTo(rights.Length);
    }

    private static int CompareIdentifier(string left, string right)
    {
        bool leftIsNumber = long.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out long leftNumber);
        bool rightIsNumber = long.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out long rightNumber);
        if (leftIsNumber && rightIsNumber) return leftNumber.CompareTo(rightNumber);
        return leftIsNumber == rightIsNumber ? string.CompareOrdinal(left, right) : rightIsNumber.CompareTo(leftIsNumber);
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }
}
