using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Login;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tasks;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Full feature phase of one connection: puts its parts together, runs the receive loop, and takes everything down in order.</summary>
internal sealed class FullFeaturePhase
{
    /// <summary>Bytes one receive brings at most; also the longest PDU that is not received in place.</summary>
    private const int ReceiveBufferLength = 80 * 1024;

    private const int DiscoveryBufferLength = 16 * 1024;

    private readonly FullFeatureContext _context;
    private readonly ReceiveLoop _loop;
    private readonly NopHandler _nop;
    private readonly LogoutHandler _logout;
    private readonly AsyncMessages _messages;
    private readonly DataOutHandler? _dataOut;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _nopInterval;
    private readonly int _nopCount;
    private long _silentSince;
    private long _dataSince;
    private int _pings;

    public FullFeaturePhase(TransportServices services, IByteChannel channel, ReceiveBuffer buffer, LoginOutcome login, Connection connection)
    {
        buffer.Resize(login.Session.Nexus is null ? DiscoveryBufferLength : ReceiveBufferLength);
        SendBuffer sendBuffer = new();
        PduWriter writer = new(sendBuffer, login.Window, login.Parameters, login.NextStatSN);
        OutputPump pump = new(
            channel, sendBuffer, writer, services.Clock, failure => connection.End(EndReason.ConnectionLost, $"cannot send: {failure.Message}"));
        _context = new FullFeatureContext(login.Session, login.Session.ConnectionId, login.Parameters, login.Window, pump, connection, services.Logger);
        if (login.Session.Nexus is { } nexus)
        {
            CommandPath path = new(nexus, pump, services.Buffers, login.Parameters, services.Logger);
            _context = _context with { Path = path, Tasks = new TaskTable(nexus.MaxCommands, table => new CommandTask(table, path)) };
        }

        BodyReceiver body = new();
        Rejector rejector = new(_context);
        PduDispatcher dispatcher = new(_context, buffer, body, rejector);
        TargetDirectory directory = new(services, channel.LocalEndPoint);
        TextHandler text = new(
            _context, login.Negotiator, (wanted, answers) => directory.List(wanted, login.Initiator, login.Session.TargetName, answers), rejector);
        _nop = new NopHandler(_context, rejector);
        _logout = new LogoutHandler(_context, rejector);
        _messages = new AsyncMessages(_context);
        if (_context.Path is not null) _dataOut = new DataOutHandler(_context, dispatcher, body, rejector);
        Register(dispatcher, body, rejector, text);
        _loop = new ReceiveLoop(channel, buffer, body, dispatcher, pump, _context.Tasks);
        _clock = services.Clock;
        _nopInterval = login.Settings.NopInterval;
        _nopCount = login.Settings.NopCount;
        _silentSince = _dataSince = _clock.GetTimestamp();
    }

    /// <summary>How long a send has been waiting for the initiator.</summary>
    public TimeSpan SendStalledFor => _context.Pump.SendStalledFor;

    /// <summary>True while nothing is read because the initiator does not take the answers.</summary>
    public bool IsHeldUp => _loop.IsHeldUp;

    /// <summary>Receives and treats PDUs until the end.</summary>
    public Task RunAsync() => _loop.RunAsync();

    /// <summary>Nothing more is read.</summary>
    public void Stop() => _loop.Stop();

    /// <summary>Asks the initiator to log out.</summary>
    public void RequestLogout(TimeSpan within) => _messages.RequestLogout((ushort)Math.Clamp(within.TotalSeconds, 1, ushort.MaxValue));

    /// <summary>Announces the end of the session; completes when that was sent.</summary>
    public Task AnnounceDropAsync()
    {
        _messages.AnnounceDrop();
        return _context.Pump.WhenDoneAsync();
    }

    /// <summary>How long a write has been waiting for data while none came: such a write holds memory that others could use. Call it now and then.</summary>
    public TimeSpan LookForData()
    {
        if (_dataOut is null || _dataOut.TakeProgress() || !_context.Tasks!.AwaitsData()) _dataSince = _clock.GetTimestamp();
        return _clock.GetElapsedTime(_dataSince);
    }

    /// <summary>Looks whether the initiator is alive.</summary>
    public void Tick()
    {
        if (_loop.TakeActivity())
        {
            _silentSince = _clock.GetTimestamp();
            _pings = 0;
            return;
        }

        if (_nopInterval <= TimeSpan.Zero || _clock.GetElapsedTime(_silentSince) < _nopInterval * (_pings + 1)) return;
        if (_pings >= _nopCount)
        {
            _context.Control.End(EndReason.NopTimeout, $"no sign of life for {_clock.GetElapsedTime(_silentSince).TotalSeconds:0} s");
            return;
        }

        _pings++;
        _nop.Ping();
    }

    /// <summary>
    /// The receive loop has ended: lets go of what waits for data, closes the nexus, sends what is still due, and waits until nothing is queued.
    /// </summary>
    public async Task CloseAsync(EndReason reason)
    {
        if (_context.Path is { } path)
        {
            path.Close(_context.Tasks!.Snapshot());
            await path.Nexus.CloseAsync(reason.ToNexusEnd());
        }

        _logout.SendFarewell();
        await _context.Pump.WhenDoneAsync();
    }

    private void Register(PduDispatcher dispatcher, BodyReceiver body, Rejector rejector, TextHandler text)
    {
        dispatcher.Handle(Opcode.NopOut, _nop.Handle);
        dispatcher.Handle(Opcode.TextRequest, text.Handle);
        dispatcher.Handle(Opcode.LogoutRequest, _logout.Handle);
        dispatcher.Handle(Opcode.LoginRequest, (in IncomingPdu pdu) => rejector.Reject(pdu.Bhs, RejectReason.ProtocolError, tookCmdSN: false));
        dispatcher.Handle(Opcode.SnackRequest, (in IncomingPdu pdu) => rejector.Reject(pdu.Bhs, RejectReason.SnackReject, tookCmdSN: false));
        if (_dataOut is null) return;
        dispatcher.Handle(Opcode.ScsiCommand, new ScsiCommandHandler(_context, dispatcher, body, rejector).Handle);
        dispatcher.Handle(Opcode.DataOut, _dataOut.Handle);
        dispatcher.Handle(Opcode.TaskManagementRequest, new TaskManagementHandler(_context, dispatcher, rejector).Handle);
    }
}
