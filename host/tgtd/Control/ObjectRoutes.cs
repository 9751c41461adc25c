using System.Globalization;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Stores, units, transports and sessions, made, changed and removed.</summary>
internal sealed class ObjectRoutes(ControlContext context)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/stores", AddStoreAsync);
        _ = api.MapDelete("/stores/{name}", async http =>
            await Answers.WriteAsync(http,
                await context.Engine.RemoveStoreAsync(Answers.RouteText(http, "name"), Answers.HasFlag(http, "force"), CancellationToken.None)));
        _ = api.MapPost("/stores/{name}/resize", ResizeStoreAsync);
        _ = api.MapPost("/units", AddUnitAsync);
        _ = api.MapDelete("/units/{name}", async http =>
            await Answers.WriteAsync(http,
                await context.Engine.RemoveUnitAsync(Answers.RouteText(http, "name"), Answers.HasFlag(http, "force"), CancellationToken.None)));
        _ = api.MapDelete("/sessions/{transport}/{session}", CloseSessionAsync);
    }

    private async Task AddStoreAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.AddStoreRequest) is not { } request) return;
        string[] existing = [.. context.Engine.GetSnapshot().Stores.Select(status => status.Spec.Name)];
        (StoreSpec? store, IReadOnlyList<string> problems) =
            new RuntimeBinder(context.Schemas, request.WorkingDirectory).BindStore(request.Name, request.Type, request.Over, request.Shared, request.Options,
                existing);
        if (store is null) await Answers.RefuseAsync(http, ControlError.Invalid, problems);
        else await Answers.WriteAsync(http, await context.Engine.AddStoreAsync(store, Owner.Runtime, CancellationToken.None));
    }

    private async Task ResizeStoreAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.ResizeStoreRequest) is not { } request) return;
        string name = Answers.RouteText(http, "name");
        StoreStatus? store = context.Engine.GetSnapshot().Stores.FirstOrDefault(status => status.Spec.Name == name);
        ControlResult result = store switch
        {
            null => ControlResult.NotFound("store", name),
            _ when request.Size <= 0 => ControlResult.Invalid("the size of a store is at least one byte"),
            _ when request.Size < store.Length && !request.Shrink => ControlResult.Invalid(
                $"store '{name}' has {Quantity.FormatSize(store.Length)}: to make it smaller destroys what lies behind {Quantity.FormatSize(request.Size)}; ask for it with --shrink"),
            _ => await context.Engine.ResizeStoreAsync(name, request.Size, CancellationToken.None),
        };
        await Answers.WriteAsync(http, result);
    }

    private async Task AddUnitAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.AddUnitRequest) is not { } request) return;
        string[] existing = [.. context.Engine.GetSnapshot().Stores.Select(status => status.Spec.Name)];
        (UnitSpec? unit, IReadOnlyList<string> problems) =
            new RuntimeBinder(context.Schemas, request.WorkingDirectory).BindUnit(request.Name, request.Values, existing);
        if (unit is null) await Answers.RefuseAsync(http, ControlError.Invalid, problems);
        else await Answers.WriteAsync(http, await context.Engine.AddUnitAsync(unit, Owner.Runtime, CancellationToken.None));
    }

    private async Task CloseSessionAsync(HttpContext http)
    {
        string session = Answers.RouteText(http, "session");
        string? connection = http.Request.Query["connection"];
        uint connectionId = 0;
        bool valid = ulong.TryParse(session, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sessionId)
            && (connection is null || uint.TryParse(connection, NumberStyles.None, CultureInfo.InvariantCulture, out connectionId));
        ControlResult result = valid
            ? await context.Engine.CloseSessionAsync(Answers.RouteText(http, "transport"), sessionId, connection is null ? null : connectionId,
                CancellationToken.None)
            : ControlResult.Invalid("sessions and connections are numbers");
        await Answers.WriteAsync(http, result);
    }
}
