using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.Transports;

namespace TgtModular.TgtSocket;

/// <summary>What the socket works on.</summary>
/// <param name="Engine">The control operations.</param>
/// <param name="Schemas">The plugins' options.</param>
/// <param name="RequestStop">Asks the daemon to end, after the answer went out.</param>
/// <param name="SetDebug">Switches detailed logging on or off.</param>
/// <param name="Logger">Where refusals are explained: the socket has error codes only.</param>
public sealed record FaceContext(IEngineControl Engine, ISchemaSource Schemas, Action RequestStop, Action<bool> SetDebug, ILogger Logger);

/// <summary>One request with what it works on.</summary>
internal sealed class Call(FaceContext context, TgtModel model, ManagementRequest request, EngineSnapshot now)
{
    private const string DefaultDriver = "iscsi";

    public FaceContext Context => context;

    public IEngineControl Engine => context.Engine;

    public TgtModel Model => model;

    public ManagementRequest Request => request;

    /// <summary>The engine when the request came.</summary>
    public EngineSnapshot Now => now;

    public RequestBody Body { get; } = RequestBody.Parse(request.Body);

    /// <summary>The target of the request; null when there is none.</summary>
    public TgtTarget? Target => model.Find(request.TargetId);

    /// <summary>The transport's name; iscsi where the request names none.</summary>
    public string DriverName => request.Driver.Length > 0 ? request.Driver : DefaultDriver;

    /// <summary>The transport that the request names; null when none of that name runs.</summary>
    public TransportStatus? Driver => now.Transports.FirstOrDefault(status => status.Spec.Name == DriverName);

    /// <summary>The target's state in the engine.</summary>
    public TargetSpec? SpecOf(TgtTarget target) => now.Targets.FirstOrDefault(status => status.Spec.Key == target.Key)?.Spec;

    /// <summary>Its sessions, oldest first.</summary>
    public IEnumerable<SessionDescription> SessionsOf(TgtTarget target)
    {
        string? name = SpecOf(target)?.Transports.FirstOrDefault(seen => seen.Transport == target.Driver)?.TargetName;
        return now.Sessions.Where(status => status.Transport == target.Driver && status.Session.TargetName == name && name is not null)
            .Select(status => status.Session).OrderBy(session => session.SessionId);
    }

    /// <summary>The error, or what was done; an engine's refusal is explained in the log.</summary>
    public ManagementResponse Answer(ControlResult result, ManagementError error)
    {
        if (result.IsOk) return ManagementResponse.Done;
        FaceLog.Refused(context.Logger, request.Mode, request.Operation, result.Message);
        return new ManagementResponse(error);
    }

    /// <summary>The plugin of a running transport; null when none of that name runs.</summary>
    public ITransportFactory? FindFactory(string driver) =>
        now.Transports.FirstOrDefault(status => status.Spec.Name == driver)?.Spec is { } transport &&
        context.Schemas.TryFindTransport(transport.Plugin, out ITransportFactory? factory, out _) ? factory : null;

    /// <summary>False for a target whose transport has no addresses, accounts and session parameters (LIO).</summary>
    public bool IsNetworked(TgtTarget target) => FindFactory(target.Driver)?.IsNetworked ?? true;

    /// <summary>A target as the engine takes it in its transport.</summary>
    public TargetTransportSpec? Seen(TgtTarget target, TargetParameters parameters)
    {
        if (FindFactory(target.Driver) is not { } factory) return null;
        string name = target.Name.ToLowerInvariant();
        if (!factory.IsNetworked && factory.TryNormalizeTargetName(name, out string normalized, out _)) name = normalized;
        Dictionary<string, object> options = new() { ["name"] = name };
        foreach ((string option, object value) in parameters.ToOptions())
        {
            if (factory.TargetOptions.Find(option) is not null) options[option] = value;
        }

        return new TargetTransportSpec(target.Driver, name, new OptionValues(factory.TargetOptions, options));
    }
}
