using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// Registrations and reservation as they stand in the journal: a first line with the format's number and the SHA-256 of the rest, then JSON. PRGENERATION
/// is not kept: it starts at zero with each power on (SPC-4 section 6.15.2).
/// </summary>
internal static class ReservationDocument
{
    /// <summary>Most bytes of a document.</summary>
    public const int MaximumLength = 1 << 20;

    private const string Magic = "tgtmodular-reservations";
    private const int Format = 1;

    public static byte[] Write(PersistentState state)
    {
        IReadOnlyList<Registration> registrations = state.Registrations;
        bool needsPorts = registrations.Any(registration => registration.Name.Port is null);
        Content content = new()
        {
            Ports = !needsPorts ? null : [.. state.Ports.Select(port => $"{(int)port.Protocol}:{port.Name}").Order(StringComparer.Ordinal)],
            Registrations =
            [
                .. registrations.Select(registration => new Entry
                {
                    Initiator = Convert.ToHexStringLower(registration.Name.Initiator.Bytes),
                    Port = registration.Name.Port,
                    Except = registration.Except.IsEmpty ? null : [.. registration.Except],
                    Key = registration.Key.ToString("x16", CultureInfo.InvariantCulture),
                }),
            ],
            Reservation = state.Reservation is not { } reservation ? null : new Held
            {
                Type = (byte)reservation.Type,
                Holder = reservation.Holder is not { } holder ? null : Enumerable.Range(0, registrations.Count).First(i => registrations[i].Name == holder),
            },
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(content, DocumentJson.Default.Content);
        byte[] header = Encoding.ASCII.GetBytes($"{Magic} {Format} {Convert.ToHexStringLower(SHA256.HashData(body))}\n");
        return [.. header, .. body];
    }

    /// <summary>Reads a document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="problem">With null: what is wrong with it.</param>
    public static PersistentState? TryRead(ReadOnlySpan<byte> document, out string problem)
    {
        int end = document.IndexOf((byte)'\n');
        string[] header = end is < 0 or > 200 ? [] : Encoding.ASCII.GetString(document[..end]).Split(' ');
        problem = "it does not begin as a document of reservations does";
        if (header.Length != 3 || header[0] != Magic) return null;
        problem = $"its format is {header[1]}, this version knows {Format}";
        if (header[1] != Format.ToString(CultureInfo.InvariantCulture)) return null;
        ReadOnlySpan<byte> body = document[(end + 1)..];
        problem = "its content does not match its checksum";
        if (header[2] != Convert.ToHexStringLower(SHA256.HashData(body))) return null;
        try
        {
            if (JsonSerializer.Deserialize(body, DocumentJson.Default.Content) is { } content) return ToState(content, out problem);
            problem = "it is empty";
        }
        catch (JsonException fault)
        {
            problem = $"its content is malformed: {fault.Message}";
        }

        return null;
    }

    private static PersistentState? ToState(Content content, out string problem)
    {
        problem = $"it has more than {PersistentState.MaximumRegistrations} registrations";
        if (content.Registrations.Length > PersistentState.MaximumRegistrations) return null;
        OrderedDictionary<NexusName, Registration> registrations = [];
        for (int i = 0; i < content.Registrations.Length; i++)
        {
            problem = $"registration {i} is not valid";
            if (content.Registrations[i] is not { } entry || !TryReadInitiator(entry.Initiator, out TransportId? initiator)) return null;
            if (!ulong.TryParse(entry.Key, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong key) || key == 0) return null;
            NexusName name = new(initiator!, entry.Port);
            if (!registrations.TryAdd(name, new Registration(name, key, [.. entry.Except ?? []]))) return null;
        }

        if (!TryReadReservation(content.Reservation, registrations, out PersistentReservation? reservation))
        {
            problem = "its reservation is not valid";
            return null;
        }

        if (!TryReadPorts(content.Ports ?? [], out HashSet<PortName> ports))
        {
            problem = "its target ports are not valid";
            return null;
        }

        return new PersistentState(registrations, reservation, generation: 0, survivesPowerLoss: true) { Ports = [.. ports] };
    }

    private static bool TryReadPorts(string?[] texts, out HashSet<PortName> ports)
    {
        ports = [];
        foreach (string? text in texts)
        {
            int colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
            if (colon <= 0 || !byte.TryParse(text.AsSpan(0, colon), CultureInfo.InvariantCulture, out byte protocol) || protocol > 0xF) return false;
            ports.Add(new PortName((ProtocolIdentifier)protocol, text![(colon + 1)..]));
        }

        return true;
    }

    private static bool TryReadInitiator(string text, out TransportId? initiator)
    {
        initiator = null;
        byte[] bytes = new byte[text.Length / 2];
        if (Convert.FromHexString(text, bytes, out _, out int written) != System.Buffers.OperationStatus.Done) return false;
        return InitiatorNames.TryRead(bytes.AsSpan(0, written), out initiator, out int length) && length == written;
    }

    private static bool TryReadReservation(Held? held, OrderedDictionary<NexusName, Registration> registrations, out PersistentReservation? reservation)
    {
        reservation = null;
        if (held is null) return true;
        ReservationType type = (ReservationType)held.Type;
        if (!ReservationTypes.IsKnown(held.Type) || registrations.Count == 0 || type.IsAllRegistrants() != held.Holder is null) return false;
        NexusName? holder = null;
        if (held.Holder is { } index)
        {
            if (index < 0 || index >= registrations.Count || registrations.GetAt(index).Key.Port is null) return false;
            holder = registrations.GetAt(index).Key;
        }

        reservation = new PersistentReservation(type, holder);
        return true;
    }

    internal sealed record Content
    {
        public required Entry?[] Registrations { get; init; }

        /// <summary>Target ports that the unit was seen through, protocol number and name; only with a registration for all of them.</summary>
        public string?[]? Ports { get; init; }

        public Held? Reservation { get; init; }
    }

    internal sealed record Entry
    {
        /// <summary>TransportID, hexadecimal.</summary>
        public required string Initiator { get; init; }

        /// <summary>Name of the target port; absent for all of them.</summary>
        public string? Port { get; init; }

        public string[]? Except { get; init; }

        /// <summary>Sixteen hexadecimal digits.</summary>
        public required string Key { get; init; }
    }

    internal sealed record Held
    {
        public required byte Type { get; init; }

        /// <summary>Place of the holder's registration; absent where all registrants hold it.</summary>
        public int? Holder { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ReservationDocument.Content))]
internal sealed partial class DocumentJson : JsonSerializerContext;
