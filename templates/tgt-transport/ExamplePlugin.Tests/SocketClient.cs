using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using TgtModular.Scsi;
using TgtModular.TestKit;

namespace ExamplePlugin.Tests;

/// <summary>An initiator of the transport.</summary>
internal sealed class SocketClient : TransportClient
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<ClientAnswer>> _commands = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<TaskManagementResponse>> _aborts = new();
    private readonly TaskCompletionSource _bye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamReader _reader = null!;
    private NetworkStream _stream = null!;
    private SemaphoreSlim _window = null!;
    private Task _reading = Task.CompletedTask;

    /// <inheritdoc/>
    public override Task Ended => _reading;

    /// <summary>Logs in; null when it is refused.</summary>
    public static async Task<SocketClient?> ConnectAsync(string path, string initiator, string target)
    {
        var client = new SocketClient();
        await client._socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        client._stream = new NetworkStream(client._socket, ownsSocket: true);
        client._reader = new StreamReader(client._stream);
        await client.WriteAsync($"login {initiator} {target}\n");
        if (await client._reader.ReadLineAsync() is not { } answer || !answer.StartsWith("ok ", StringComparison.Ordinal))
        {
            await client._stream.DisposeAsync();
            return null;
        }

        client._window = new SemaphoreSlim(int.Parse(answer[3..], CultureInfo.InvariantCulture));
        client._reading = client.ReadAsync();
        return client;
    }

    /// <inheritdoc/>
    public override Task<ClientAnswer> SendAsync(ClientCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        TaskCompletionSource<ClientAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _commands[command.Tag] = answer;
        // Waiters of a semaphore go on in the order in which they came.
        return SendInWindowAsync();

        async Task<ClientAnswer> SendInWindowAsync()
        {
            await _window.WaitAsync();
            await WriteAsync($"{command.Tag} {command.Lun} {Convert.ToHexString(command.Cdb)} {command.ExpectedIn} {Convert.ToHexString(command.DataOut)}\n");
            return await answer.Task;
        }
    }

    /// <inheritdoc/>
    public override async Task<TaskManagementResponse> AbortAsync(uint tag, int lun)
    {
        TaskCompletionSource<TaskManagementResponse> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _aborts[tag] = answer;
        await WriteAsync($"abort {tag} {lun}\n");
        TaskManagementResponse response = await answer.Task;
        if (_commands.TryRemove(tag, out _)) _window.Release();
        return response;
    }

    /// <inheritdoc/>
    public override async Task LogoutAsync()
    {
        await WriteAsync("logout\n");
        await _bye.Task;
    }

    /// <inheritdoc/>
    public override async Task SendGarbageAsync(byte[] garbage) => await _stream.WriteAsync(garbage);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    private async Task WriteAsync(string line)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line));
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _reader.ReadLineAsync() is { } line) Take(line.Split(' '));
        }
        catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException)
        {
            // The connection is gone.
        }

        _bye.TrySetCanceled();
        foreach (TaskCompletionSource<ClientAnswer> command in _commands.Values) command.TrySetCanceled();
        foreach (TaskCompletionSource<TaskManagementResponse> abort in _aborts.Values) abort.TrySetCanceled();
    }

    private void Take(string[] words)
    {
        if (words is ["bye"])
        {
            _bye.TrySetResult();
        }
        else if (words is ["aborted", var tag, var response])
        {
            if (_aborts.TryRemove(Number(tag), out TaskCompletionSource<TaskManagementResponse>? abort)) abort.TrySetResult((TaskManagementResponse)Number(response));
        }
        else if (_commands.TryRemove(Number(words[0]), out TaskCompletionSource<ClientAnswer>? command))
        {
            _window.Release();
            command.TrySetResult(new ClientAnswer((ScsiStatus)Number(words[1]), Bytes(words[2]), Bytes(words[3])));
        }
    }

    private static uint Number(string word) => uint.Parse(word, CultureInfo.InvariantCulture);

    private static byte[] Bytes(string word) => word == "-" ? [] : Convert.FromHexString(word);
}
