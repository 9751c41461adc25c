using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TgtModular.Core.Configuration;

/// <summary>A set of addresses: one, a network in CIDR notation, or all. IPv4 addresses mapped into IPv6 count as IPv4.</summary>
public sealed class AddressPattern : IEquatable<AddressPattern>
{
    private readonly byte[] _prefix;
    private readonly int _prefixBits;

    private AddressPattern(byte[] prefix, int prefixBits)
    {
        _prefix = prefix;
        _prefixBits = prefixBits;
    }

    /// <summary>Every address, and initiators of transports without addresses.</summary>
    public static AddressPattern All { get; } = new([], 0);

    /// <summary>Reads <c>all</c>, <c>192.0.2.1</c>, <c>192.0.2.0/24</c>, <c>2001:db8::1</c> or <c>2001:db8::/32</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="pattern">The set.</param>
    /// <param name="problem">What is wrong with it.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressPattern? pattern, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = null;
        problem = null;
        if (text.Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            pattern = All;
            return true;
        }

        int slash = text.IndexOf('/');
        string addressText = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(addressText, out IPAddress? address))
        {
            problem = $"'{text}' is not an address: an IPv4 or IPv6 address, a network such as 10.0.0.0/8, or \"all\" is wanted";
            return false;
        }

        byte[] bytes = address.GetAddressBytes();
        int bits = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out bits) || bits > bytes.Length * 8))
        {
            problem = $"'{text}' is not a network: behind the slash stands a number of bits, 0 to {bytes.Length * 8}";
            return false;
        }

        byte[] prefix = Mask(bytes, bits);
        if (!prefix.AsSpan().SequenceEqual(bytes))
        {
            problem = $"'{text}' has bits set behind its prefix; the network is {new IPAddress(prefix)}/{bits}";
            return false;
        }

        pattern = new AddressPattern(prefix, bits);
        return true;
    }

    /// <summary>True when the address belongs to the set.</summary>
    /// <param name="address">Null where the transport has no addresses: only <see cref="All"/> matches then.</param>
    public bool Matches(IPAddress? address)
    {
        if (_prefix.Length == 0) return true;
        if (address is null) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out int length) || length != _prefix.Length) return false;
        int whole = _prefixBits / 8;
        int rest = _prefixBits % 8;
        return bytes[..whole].SequenceEqual(_prefix.AsSpan(0, whole))
            && (rest == 0 || (bytes[whole] & (0xFF << (8 - rest)) & 0xFF) == _prefix[whole]);
    }

    /// <inheritdoc/>
    public bool Equals(AddressPattern? other) => other is not null && _prefixBits == other._prefixBits && _prefix.AsSpan().SequenceEqual(other._prefix);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AddressPattern);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(_prefixBits);
        hash.AddBytes(_prefix);
        return hash.ToHashCode();
    }

    /// <summary>The set as <see cref="TryParse"/> reads it.</summary>
    public override string ToString()
    {
        if (_prefix.Length == 0) return "all";
        var address = new IPAddress(_prefix);
        return _prefixBits == _prefix.Length * 8 ? address.ToString() : $"{address}/{_prefixBits}";
    }

    /// <summary>Strict: IPAddress alone also takes "10" and "0x7f.1", which nobody means.</summary>
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (!IPAddress.TryParse(text, out address) || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal))
            return false;
        if (address.AddressFamily == AddressFamily.InterNetwork) return address.ToString() == text;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return true;
    }

    private static byte[] Mask(byte[] bytes, int bits)
    {
        byte[] masked = new byte[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int kept = Math.Clamp(bits - (i * 8), 0, 8);
            masked[i] = (byte)(bytes[i] & (0xFF << (8 - kept)));
        }

        return masked;
    }
}
