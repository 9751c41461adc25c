using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool;

/// <summary>Speaks HTTP with the daemon over its control socket.</summary>
internal sealed class ControlClient : IDisposable
{
    private readonly string _socketPath;
    private readonly HttpClient _http;

    /// <summary>A client; the first request connects.</summary>
    /// <param name="socketPath">The control socket.</param>
    /// <param name="timeout">For one request.</param>
    public ControlClient(string socketPath, TimeSpan timeout)
    {
        _socketPath = socketPath;
        var handler = new SocketsHttpHandler { ConnectCallback = (_, cancellationToken) => ConnectAsync(cancellationToken), UseProxy = false };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://tgtd/"), Timeout = timeout };
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type)
    {
        string body = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));
        return JsonSerializer.Deserialize(body, type) ?? throw new ToolException(ExitStatus.Failed, "the daemon answered with nothing");
    }

    public Task<string> GetTextAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task PostAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Post, path));

    public Task DeleteAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    /// <summary>Removes something.</summary>
    /// <returns>The body of the answer: what became of it.</returns>
    public Task<string> DeleteForAnswerAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Delete, path));

    /// <summary>Sends a body.</summary>
    /// <returns>The body of the answer.</returns>
    public Task<string> SendAsync<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> type) =>
        SendAsync(new HttpRequestMessage(method, path) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type)) });

    public void Dispose() => _http.Dispose();

    private async Task<string> SendAsync(HttpRequestMessage request)
    {
        try
        {
            using (request)
            {
                using HttpResponseMessage response = await _http.SendAsync(request);
                string body = await response.Content.ReadAsStringAsync();
                return response.IsSuccessStatusCode ? body : throw Refusal(response.StatusCode, body);
            }
        }
        catch (HttpRequestException fault)
        {
            throw Unreachable(fault);
        }
        catch (TaskCanceledException)
        {
            throw new ToolException(ExitStatus.Unreachable, $"the daemon at {_socketPath} does not answer");
        }
    }

    private static ToolException Refusal(HttpStatusCode status, string body)
    {
        try
        {
            ProblemView? problem = JsonSerializer.Deserialize(body, ControlJson.Default.ProblemView);
            if (problem is not null) return new ToolException(problem.Error == "invalid" ? ExitStatus.Invalid : ExitStatus.Failed, problem.Messages);
        }
        catch (JsonException)
        {
            // Not this daemon's words; the status tells what there is to tell.
        }

        return new ToolException(ExitStatus.Failed, $"the daemon answered with status {(int)status}");
    }

    private ToolException Unreachable(HttpRequestException fault)
    {
        string message = (fault.InnerException as SocketException)?.SocketErrorCode switch
        {
            SocketError.AccessDenied => $"permission denied for {_socketPath}: run as the user of the daemon",
            SocketError.ConnectionRefused => $"no daemon listens on {_socketPath}: the one that did has ended; start tgtd",
            _ when !File.Exists(_socketPath) => $"there is no {_socketPath}: start tgtd, or name the control socket of the daemon with --socket",
            _ => $"the daemon at {_socketPath} cannot be reached: {fault.Message}",
        };
        return new ToolException(ExitStatus.Unreachable, message);
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
