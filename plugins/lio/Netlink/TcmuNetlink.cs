using Microsoft.Extensions.Logging;
using TgtModular.Lio.Native;
using TgtModular.Lio.Tcmu;

namespace TgtModular.Lio.Netlink;

/// <summary>
/// What the kernel tells of its TCMU devices by netlink (family <c>TCM-USER</c>, group <c>config</c>). Serving needs none of it, but the kernel refuses to change
/// <c>dev_size</c>, <c>emulate_write_cache</c> and <c>dev_config</c> of an enabled device with ESRCH while nobody listens.
/// </summary>
public sealed class TcmuNetlink : IAsyncDisposable, ILoopHandler
{
    private const string FamilyName = "TCM-USER";
    private const string GroupName = "config";
    private const byte Version = 2;
    private const byte ReplyOffset = 3; // command of the reply to a message
    private const byte SetFeaturesCommand = 7;
    private const int StatusAttribute = 7;
    private const int DeviceIdAttribute = 8;
    private const int RepliesAttribute = 9;

    private readonly ILogger _logger;
    private readonly ITcmuListener _listener;
    private readonly NetlinkSocket _socket;
    private readonly ushort _family;
    private readonly bool _replies;
    private readonly EventLoop _loop;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private Task _last = Task.CompletedTask; // of the loop's thread
    private ulong _key;

    private TcmuNetlink(NetlinkSocket socket, ushort family, bool replies, ITcmuListener listener, ILogger logger)
    {
        _socket = socket;
        _family = family;
        _replies = replies;
        _listener = listener;
        _logger = logger;
        _loop = new EventLoop("tcmu netlink", logger);
    }

    /// <inheritdoc/>
    string ILoopHandler.Name => FamilyName;

    /// <summary>Begins to listen.</summary>
    /// <param name="listener">Whom to tell.</param>
    /// <param name="logger">Logger of the transport.</param>
    /// <param name="replies">
    /// True: the kernel is told to wait for replies before it goes on. That holds for the whole kernel and every device whose backend does not have
    /// <c>nl_reply_supported=-1</c>, and outlives this process: a machine on which another handler serves devices, or where this one may crash, is better off
    /// without.
    /// </param>
    /// <returns>Null when the kernel has no such family, or does not let us; the log says why.</returns>
    public static async ValueTask<TcmuNetlink?> TryOpenAsync(ITcmuListener listener, ILogger logger, bool replies = false)
    {
        NetlinkSocket? socket = null;
        try
        {
            socket = new NetlinkSocket();
            if (socket.FindFamily(FamilyName) is { } family && family.Groups.TryGetValue(GroupName, out int group))
            {
                socket.Join(group);
                TcmuNetlink netlink = new(socket, family.Identifier, replies, listener, logger);
                socket = null;
                await netlink.StartAsync();
                return netlink;
            }

            TcmuLog.NetlinkMissing(logger, $"there is no netlink family {FamilyName}; is target_core_user loaded?");
        }
        catch (IOException problem)
        {
            TcmuLog.NetlinkMissing(logger, problem.Message);
        }

        socket?.Dispose();
        return null;
    }

    /// <summary>Ends listening; the kernel waits for no more replies.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_key != 0) await _loop.RemoveAsync(_socket.Handle, _key);
        await _last;
        if (_replies) TrySend(new NetlinkRequest(_family, SetFeaturesCommand, Version, _socket.NextSequence()).Add(RepliesAttribute, (byte)0));
        _loop.Dispose();
        _socket.Dispose();
    }

    /// <inheritdoc/>
    ServeResult ILoopHandler.Serve()
    {
        while (true)
        {
            int count = _socket.Receive(_buffer, wait: false);
            if (count == -LibC.WouldBlock) return ServeResult.Idle;
            if (count == -LibC.Interrupted) continue;
            if (count < 0)
            {
                TcmuLog.NetlinkLost(_logger, LibC.Describe(-count));
                if (count != -LibC.NoBufferSpace) return ServeResult.Ended;
                _listener.Lost();
                continue;
            }

            Take(_buffer.AsSpan(0, count));
        }
    }

    /// <inheritdoc/>
    void ILoopHandler.Lost() => ((ILoopHandler)this).Serve();

    private async Task StartAsync()
    {
        try
        {
            if (_replies) _socket.Send(new NetlinkRequest(_family, SetFeaturesCommand, Version, _socket.NextSequence()).Add(RepliesAttribute, (byte)1));
            _key = await _loop.AddAsync(_socket.Handle, this);
        }
        catch (IOException)
        {
            _loop.Dispose();
            _socket.Dispose();
            throw;
        }
    }

    private void Take(ReadOnlySpan<byte> received)
    {
        while (NetlinkMessage.TryRead(ref received, out NetlinkMessage message))
        {
            if (message.Type == NetlinkMessage.ErrorType && message.Error != 0) TcmuLog.NetlinkLost(_logger, LibC.Describe(message.Error));
            if (message.Type == _family && TcmuEvent.Read(message) is { } told) _last = HandleAsync(_last, told);
        }
    }

    private async Task HandleAsync(Task before, TcmuEvent told)
    {
        await before;
        int? answer = LibC.InputOutputError;
        try
        {
            answer = await _listener.HandleAsync(told);
        }
#pragma warning disable CA1031 // The kernel waits for a reply, whatever the listener does.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TcmuLog.NetlinkFault(_logger, told.Name, fault);
        }

        if (!_replies || answer is not { } error) return;
        TrySend(new NetlinkRequest(_family, (byte)((byte)told.Kind + ReplyOffset), Version, _socket.NextSequence())
            .Add(StatusAttribute, -error)
            .Add(DeviceIdAttribute, told.DeviceId));
    }

    private void TrySend(NetlinkRequest request)
    {
        try
        {
            _socket.Send(request);
        }
        catch (IOException problem)
        {
            TcmuLog.NetlinkLost(_logger, problem.Message);
        }
    }
}
