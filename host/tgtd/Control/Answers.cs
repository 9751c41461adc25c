using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Requests read and answers written.</summary>
internal static class Answers
{
    public static async Task WriteAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(http.Response.Body, value, type, http.RequestAborted);
    }

    /// <summary>204 when done, else the failure.</summary>
    public static Task WriteAsync(HttpContext http, ControlResult result)
    {
        if (!result.IsOk) return RefuseAsync(http, result.Error, [result.Message]);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpContext http, ControlError error, IReadOnlyList<string> messages) =>
        WriteAsync(http, new ProblemView(ControlJson.Name(error), messages), ControlJson.Default.ProblemView, error switch
        {
            ControlError.NotFound => StatusCodes.Status404NotFound,
            ControlError.Exists or ControlError.InUse => StatusCodes.Status409Conflict,
            ControlError.Invalid => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status422UnprocessableEntity,
        });

    /// <summary>The body; null, with the refusal written, when it is none.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        string problem = "the body is empty";
        try
        {
            if (await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted) is { } value) return value;
        }
        catch (JsonException fault)
        {
            problem = fault.Message;
        }

        await RefuseAsync(http, ControlError.Invalid, [$"the request cannot be read: {problem}"]);
        return null;
    }

    public static bool HasFlag(HttpContext http, string name) => http.Request.Query.TryGetValue(name, out var values) && values == "true";

    public static string RouteText(HttpContext http, string name) => (string?)http.Request.RouteValues[name] ?? "";
}
