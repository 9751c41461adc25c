using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.TgtSocket.Model;

namespace TgtModular.TgtSocket.Rendering;

/// <summary>The text of <c>system show</c> and <c>lld show</c>.</summary>
internal static class SystemText
{
    private static readonly (string Plugin, string Name)[] DeviceTypes =
        [("sbc", "disk"), ("mmc", "cd/dvd"), ("osd", "osd"), ("scc", "controller"), ("smc", "changer"), ("ssc", "tape"), ("passthrough", "passthrough")];

    /// <summary>The daemon's state and what it serves. There is no iSNS client, and it says so.</summary>
    public static string Render(Call call, UnitBuilder units)
    {
        var text = new StringBuilder();
        Line(text, 0, "System:");
        Line(text, 1, $"State: {(call.Model.Offline ? "offline" : "ready")}");
        Line(text, 1, $"debug: {(call.Model.Debug ? "on" : "off")}");
        _ = text.Append(Drivers(call));
        Line(text, 0, "Backing stores:");
        foreach ((string name, string note) in units.StoreTypes()) Line(text, 1, name + note);
        Line(text, 0, "Device types:");
        IReadOnlyCollection<string> plugins = call.Context.Schemas.GetNames(PluginKind.Device);
        foreach ((string plugin, string name) in DeviceTypes.Where(type => plugins.Contains(type.Plugin))) Line(text, 1, name);
        Line(text, 0, "iSNS:");
        Line(text, 1, "iSNS=Off");
        Line(text, 1, "iSNSServerIP=");
        Line(text, 1, "iSNSServerPort=3205");
        Line(text, 1, "iSNSAccessControl=Off");
        return text.ToString();
    }

    /// <summary>The transports with their states.</summary>
    public static string Drivers(Call call)
    {
        var text = new StringBuilder();
        Line(text, 0, "LLDs:");
        foreach (TransportStatus status in call.Now.Transports) Line(text, 1, $"{status.Spec.Name}: {(status.Health == ObjectHealth.Online ? "ready" : "error")}");
        foreach (TransportSpec spec in call.Model.Stopped.Values) Line(text, 1, $"{spec.Name}: stopped");
        return text.ToString();
    }

    /// <summary>A line, indented as tgt does.</summary>
    public static void Line(StringBuilder text, int depth, string line) => text.Append(' ', depth * 4).Append(line).Append('\n');
}
