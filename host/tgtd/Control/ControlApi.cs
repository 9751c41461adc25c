using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>The routes of the control API, version 1.</summary>
internal static partial class ControlApi
{
    public static void Map(WebApplication application, ControlContext context)
    {
        _ = application.Use((http, next) => GuardAsync(http, next, context.Logger));
        RouteGroupBuilder api = application.MapGroup("/v1");
        MapViews(api, context);
        new ObjectRoutes(context).Map(api);
        new TargetRoutes(context).Map(api);
        new ConfigurationRoutes(context).Map(api);
        new PluginRoutes(context).Map(api);
    }

    private static void MapViews(RouteGroupBuilder api, ControlContext context)
    {
        EngineSnapshot Now() => context.Engine.GetSnapshot();
        ControlJson json = ControlJson.Default;
        _ = api.MapGet("/daemon", http => Answers.WriteAsync(http, context.Describe(), json.DaemonView));
        _ = api.MapGet("/transports", http => Answers.WriteAsync(http, [.. Now().Transports.Select(ViewMapper.ToView)], json.IReadOnlyListTransportView));
        _ = api.MapGet("/stores", http => Answers.WriteAsync(http, [.. Now().Stores.Select(ViewMapper.ToView)], json.IReadOnlyListStoreView));
        _ = api.MapGet("/units", http => Answers.WriteAsync(http, [.. Now().Units.Select(ViewMapper.ToView)], json.IReadOnlyListUnitView));
        _ = api.MapGet("/targets", http => Answers.WriteAsync(http, [.. Now().Targets.Select(ViewMapper.ToView)], json.IReadOnlyListTargetView));
        _ = api.MapGet("/sessions", http => Answers.WriteAsync(http, [.. Now().Sessions.Select(ViewMapper.ToView)], json.IReadOnlyListSessionView));
        _ = api.MapGet("/stats", http => Answers.WriteAsync(http, [.. Now().Units.Select(ViewMapper.ToStatistics)], json.IReadOnlyListStatisticsView));
    }

    /// <summary>Nothing that a request does ends more than that request.</summary>
    private static async Task GuardAsync(HttpContext http, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(http);
            LogAnswered(logger, http.Request.Method, http.Request.Path, http.Response.StatusCode); // what it did is recorded by RecordedControl
            if (http.GetEndpoint() is null && !http.Response.HasStarted)
                await Answers.RefuseAsync(http, ControlError.NotFound, [$"there is no {http.Request.Method} {http.Request.Path}"]);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            LogAbandoned(logger, http.Request.Method, http.Request.Path);
        }
#pragma warning disable CA1031 // As said above.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(logger, http.Request.Method, http.Request.Path, fault);
            if (!http.Response.HasStarted)
                await Answers.RefuseAsync(http, ControlError.Failed, [$"the daemon failed unexpectedly: {fault.GetType().Name}: {fault.Message}"]);
        }
    }

    [LoggerMessage(EventId = 520, Level = LogLevel.Debug, Message = "{Method} {Path}: {Status}")]
    private static partial void LogAnswered(ILogger logger, string method, string path, int status);

    [LoggerMessage(EventId = 522, Level = LogLevel.Warning, Message = "{Method} {Path}: nobody waits for the answer any more")]
    private static partial void LogAbandoned(ILogger logger, string method, string path);

    [LoggerMessage(EventId = 523, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFault(ILogger logger, string method, string path, Exception fault);
}
