using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Portals of a transport: added, removed, shown.</summary>
internal sealed class PortalMode : IModeHandler
{
    private const string Listen = "listen";
    private const string Portal = "portal";
    private const ushort DefaultPort = 3260;

    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken) => call.Request.Operation switch
    {
        ManagementOperation.Show => Answers.Now(Answers.Text(Show(call.Driver!))),
        ManagementOperation.New => ChangeAsync(call, add: true, cancellationToken),
        ManagementOperation.Delete => ChangeAsync(call, add: false, cancellationToken),
        _ => Answers.Now(ManagementError.InvalidRequest),
    };

    /// <summary>Reads an address with or without a port, a name, or nothing for all addresses of IPv4.</summary>
    internal static async ValueTask<IPEndPoint?> ReadAsync(string text, CancellationToken cancellationToken)
    {
        int port = DefaultPort;
        string host = text;
        int colon = text.LastIndexOf(':');
        if (colon > text.LastIndexOf(']') && (text.StartsWith('[') || text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) || number == 0) return null;
            port = number;
            host = text[..colon];
        }

        if (host.StartsWith('[') && host.EndsWith(']')) host = host[1..^1];
        if (host.Length == 0) return null;
        if (IPAddress.TryParse(host, out IPAddress? address)) return new IPEndPoint(address, port);
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken);
            return found.Length > 0 ? new IPEndPoint(found[0], port) : null;
        }
        catch (SocketException)
        {
            return null; // no such name
        }
    }

    private static string Show(TransportStatus driver) =>
        string.Concat(driver.Portals.Reverse().Select(portal => $"Portal: {portal.Address},{portal.PortalGroupTag}\n"));

    private static async ValueTask<ManagementResponse> ChangeAsync(Call call, bool add, CancellationToken cancellationToken)
    {
        TransportStatus driver = call.Driver!;
        if (driver.Spec.Options.Schema.Find(Listen) is null) return new ManagementResponse(ManagementError.Unsupported);
        if (call.Body.Parameters.FirstOrDefault(pair => pair.Key == Portal).Value is not { } text || call.Body.Parameters.Count != 1) return Answers.Invalid;
        if (await ReadAsync(text, cancellationToken) is not { } portal) return Answers.Invalid;
        List<string> listen = [.. driver.Spec.Options.GetTextList(Listen)];
        string? known = await FindAsync(listen, portal, cancellationToken);
        if (add == known is not null) return Answers.Invalid;
        if (add) listen.Add(portal.ToString());
        else _ = listen.Remove(known!);
        Dictionary<string, object> given = new(driver.Spec.Options.Given) { [Listen] = (IReadOnlyList<string>)listen };
        TransportSpec changed = driver.Spec with { Options = new OptionValues(driver.Spec.Options.Schema, given) };
        return call.Answer(await call.Engine.ReconfigureTransportAsync(changed, cancellationToken), ManagementError.InvalidRequest);
    }

    private static async ValueTask<string?> FindAsync(IEnumerable<string> listen, IPEndPoint portal, CancellationToken cancellationToken)
    {
        foreach (string text in listen)
        {
            int tag = text.LastIndexOf(',');
            if (portal.Equals(await ReadAsync(tag < 0 ? text : text[..tag], cancellationToken))) return text;
        }

        return null;
    }
}
