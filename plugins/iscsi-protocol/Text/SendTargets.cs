using TgtModular.Iscsi.Protocol.Naming;

namespace TgtModular.Iscsi.Protocol.Text;

/// <summary>One target of a SendTargets answer (RFC 7143 appendix C).</summary>
/// <param name="TargetName">Normalised.</param>
/// <param name="Addresses">Where it is reached; none if it is reached at the address of the discovery session.</param>
public sealed record DiscoveredTarget(string TargetName, IReadOnlyList<TargetAddress> Addresses);

/// <summary>The text of a SendTargets answer: TargetName, then its TargetAddress keys, and so on (RFC 7143 appendix C).</summary>
public static class SendTargets
{
    /// <summary>The value that asks for all targets; in discovery sessions only. An empty value asks for the session's own target.</summary>
    public static ReadOnlySpan<byte> All => "All"u8;

    /// <summary>Writes one target.</summary>
    /// <param name="text">Where it goes.</param>
    /// <param name="targetName">Normalised.</param>
    /// <param name="addresses">With portal group tags.</param>
    public static void Write(TextBuffer text, string targetName, IEnumerable<TargetAddress> addresses)
    {
        text.Add("TargetName", targetName);
        foreach (TargetAddress address in addresses)
            text.Add("TargetAddress", address.ToString());
    }

    /// <summary>Reads an answer. False if it is malformed. Keys other than these two are passed over.</summary>
    /// <param name="text">All PDUs of the answer together.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="targets">The targets, in the order sent.</param>
    public static bool TryRead(ReadOnlySpan<byte> text, in TextLimits limits, out IReadOnlyList<DiscoveredTarget> targets)
    {
        List<DiscoveredTarget> found = [];
        List<TargetAddress> addresses = [];
        targets = found;
        TextPairReader pairs = new(text, limits);
        while (pairs.TryRead(out TextPair pair))
        {
            if (pair.Key.SequenceEqual("TargetName"u8))
            {
                if (!IscsiName.TryNormalize(pair.Value, out string name, out _))
                    return false;
                addresses = [];
                found.Add(new DiscoveredTarget(name, addresses));
            }
            else if (pair.Key.SequenceEqual("TargetAddress"u8))
            {
                if (found.Count == 0 || !TargetAddress.TryParse(TextValue.ToText(pair.Value), out TargetAddress? address))
                    return false;
                addresses.Add(address!);
            }
        }

        return pairs.Error == TextError.None;
    }
}
