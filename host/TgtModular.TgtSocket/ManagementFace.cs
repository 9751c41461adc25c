using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Modes;

namespace TgtModular.TgtSocket;

/// <summary>Answers requests, one after the other: each sees what those before it did.</summary>
public sealed class ManagementFace : IDisposable
{
    /// <summary>How long a request waits for one before it that does not return (a store that hangs).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FaceContext _context;
    private readonly TgtModel _model = new();
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Dictionary<ManagementMode, IModeHandler> _handlers;

    /// <summary>A face of an engine.</summary>
    public ManagementFace(FaceContext context)
    {
        _context = context;
        var units = new UnitBuilder(context.Schemas);
        _handlers = new Dictionary<ManagementMode, IModeHandler>
        {
            [ManagementMode.System] = new SystemMode(units),
            [ManagementMode.Target] = new TargetMode(),
            [ManagementMode.LogicalUnit] = new LogicalUnitMode(units, new UnitOperations(units)),
            [ManagementMode.Portal] = new PortalMode(),
            [ManagementMode.Driver] = new DriverMode(),
            [ManagementMode.Session] = new SessionMode(),
            [ManagementMode.Connection] = new ConnectionMode(),
            [ManagementMode.Account] = new AccountMode(),
        };
    }

    /// <summary>Answers a request.</summary>
    public async ValueTask<ManagementResponse> HandleAsync(ManagementRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!_handlers.TryGetValue(request.Mode, out IModeHandler? handler)) return new ManagementResponse(ManagementError.InvalidRequest);
        if (!await _oneAtATime.WaitAsync(Patience, cancellationToken)) return new ManagementResponse(ManagementError.Unknown);
        try
        {
            var call = new Call(_context, _model, request, _context.Engine.GetSnapshot());
            _model.Follow(call.Now);
            if (handler.NeedsDriver(request.Operation) && call.Driver is null) return new ManagementResponse(ManagementError.NoDriver);
            ManagementResponse response = await handler.HandleAsync(call, cancellationToken);
            FaceLog.Answered(_context.Logger, request.Mode, request.Operation, request.TargetId, request.Lun, response.Error);
            return response;
        }
#pragma warning disable CA1031 // Whatever goes wrong costs this request and nothing else.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            FaceLog.Failed(_context.Logger, request.Mode, request.Operation, fault);
            return new ManagementResponse(ManagementError.Unknown);
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();
}
