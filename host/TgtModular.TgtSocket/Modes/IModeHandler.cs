using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Answers the requests of one mode.</summary>
internal interface IModeHandler
{
    /// <summary>True when the transport that the request names must run.</summary>
    bool NeedsDriver(ManagementOperation operation) => true;

    /// <summary>Answers a request.</summary>
    ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken);
}

/// <summary>Answers that are the same everywhere.</summary>
internal static class Answers
{
    public static ManagementResponse Invalid { get; } = new(ManagementError.InvalidRequest);

    public static ManagementResponse NoTarget { get; } = new(ManagementError.NoTarget);

    public static ManagementResponse Text(string text) => new(ManagementError.None, text);

    /// <summary>An answer that was at hand.</summary>
    public static ValueTask<ManagementResponse> Now(ManagementError error) => new(new ManagementResponse(error));

    /// <summary>An answer that was at hand.</summary>
    public static ValueTask<ManagementResponse> Now(ManagementResponse response) => new(response);
}
