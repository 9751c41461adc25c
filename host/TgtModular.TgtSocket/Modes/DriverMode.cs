using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Plugins;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Rendering;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Low level drivers, our transports: started, stopped, shown.</summary>
internal sealed class DriverMode : IModeHandler
{
    public bool NeedsDriver(ManagementOperation operation) => false;

    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken)
    {
        bool stopped = call.Model.Stopped.ContainsKey(call.DriverName);
        if (call.Driver is null && !stopped)
            return call.Request.Operation == ManagementOperation.Start ? StartNewAsync(call, cancellationToken) : Answers.Now(ManagementError.NoDriver);
        return call.Request.Operation switch
        {
            ManagementOperation.Show => Answers.Now(Answers.Text(SystemText.Drivers(call))),
            ManagementOperation.Start => stopped ? StartAsync(call, cancellationToken) : Answers.Now(ManagementResponse.Done),
            ManagementOperation.Stop => stopped ? Answers.Now(ManagementResponse.Done) : StopAsync(call, cancellationToken),
            _ => Answers.Now(ManagementError.InvalidRequest),
        };
    }

    private static async ValueTask<ManagementResponse> StartAsync(Call call, CancellationToken cancellationToken)
    {
        ControlResult result = await call.Engine.StartTransportAsync(call.Model.Stopped[call.DriverName], Owner.Runtime, cancellationToken);
        if (result.IsOk) _ = call.Model.Stopped.Remove(call.DriverName);
        return call.Answer(result, ManagementError.Unknown);
    }

    /// <summary>A transport that nobody has configured, with the defaults of its plugin: in tgt every driver is simply there.</summary>
    private static async ValueTask<ManagementResponse> StartNewAsync(Call call, CancellationToken cancellationToken)
    {
        PluginReference plugin = new(call.DriverName);
        if (!call.Context.Schemas.TryFindTransport(plugin, out ITransportFactory? factory, out _)) return new ManagementResponse(ManagementError.NoDriver);
        TransportSpec spec = new(call.DriverName, plugin, new OptionValues(factory.Options, new Dictionary<string, object>()), ChapSpec.None);
        return call.Answer(await call.Engine.StartTransportAsync(spec, Owner.Runtime, cancellationToken), ManagementError.Unknown);
    }

    private static async ValueTask<ManagementResponse> StopAsync(Call call, CancellationToken cancellationToken)
    {
        TransportSpec spec = call.Driver!.Spec;
        ControlResult result = await call.Engine.StopTransportAsync(spec.Name, force: false, cancellationToken);
        if (result.IsOk) call.Model.Stopped[spec.Name] = spec;
        return call.Answer(result, result.Error == ControlError.InUse ? ManagementError.DriverActive : ManagementError.Unknown);
    }
}
