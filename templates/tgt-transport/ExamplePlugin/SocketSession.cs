using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace ExamplePlugin;

/// <summary>One connection, which is one session: a loop that reads and submits, and one that writes what is answered.</summary>
internal sealed class SocketSession(ulong id, Socket connection, ITransportHost engine, ILogger logger) : ICommandTransport, INexusObserver
{
    private const int WantedCommands = 32;

    private readonly NetworkStream _stream = new(connection, ownsSocket: true);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<string> _answers = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private SemaphoreSlim? _slots;
    private INexus? _nexus;
    private string _initiator = "";
    private string _target = "";
    private volatile NexusEnd _end = NexusEnd.ConnectionLost;

    /// <summary>Completes when nothing of the session is left.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public bool IsOpen => _nexus is not null;

    public void Start(Action ended) => Ended = RunAsync(ended);

    public SessionDescription Describe() =>
        new(id, _target, _initiator, null, [new ConnectionDescription(0, "", "open")], new Dictionary<string, string>());

    /// <summary>Lets commands finish, then ends the session.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; _slots is not null && i < _nexus!.MaxCommands && i < WantedCommands; i++) await _slots.WaitAsync(cancellationToken);
        CloseRequested(NexusEnd.Administrative);
        await Ended.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void CloseRequested(NexusEnd end)
    {
        _end = end;
        _stop.Cancel();
    }

    /// <inheritdoc/>
    /// <remarks>The data came along with the command.</remarks>
    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        var data = (byte[])command.TransportState!;
        command.DataOut.CopyFrom(data.AsSpan(0, command.DataOut.Length));
        return DataOutProgress.Completed;
    }

    /// <inheritdoc/>
    public void Complete(ScsiCommand command)
    {
        byte[] data = command.DataIn.Slice(0, command.SentDataIn).ToArray();
        string answer = $"{command.Tag} {(byte)command.Outcome.Status} {Hex(data)} {Hex(command.SenseBytes)}";
        command.Release();
        _slots!.Release();
        _answers.Writer.TryWrite(answer);
    }

    /// <inheritdoc/>
    public void Drop(ScsiCommand command)
    {
        command.Release();
        _slots!.Release();
    }

    private async Task RunAsync(Action ended)
    {
        await Task.Yield();
        Task writing = WriteAsync();
        try
        {
            await ReadAsync(new LineReader(_stream));
        }
        catch (OperationCanceledException)
        {
            // Asked to end: _end says why.
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            _end = NexusEnd.ConnectionLost;
        }
        catch (Exception broken) when (broken is InvalidDataException or FormatException or OverflowException)
        {
            _end = NexusEnd.ProtocolError;
            logger.LogWarning("session {Session} of '{Initiator}' broke the protocol: {Problem}", id, _initiator, broken.Message);
        }

        if (_nexus is not null) await _nexus.CloseAsync(_end);
        _answers.Writer.TryComplete();
        await writing;
        await _stream.DisposeAsync();
        ended();
    }

    private async Task ReadAsync(LineReader lines)
    {
        while (await lines.ReadAsync(_stop.Token) is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (_nexus is null)
            {
                if (!Login(words)) return;
            }
            else if (words is ["logout"])
            {
                _end = NexusEnd.Logout;
                _answers.Writer.TryWrite("bye");
                return;
            }
            else if (words is ["abort", var tag, var lun])
            {
                var request = new TaskManagementRequest(TaskManagementFunction.AbortTask, Lun.FromNumber(Number(lun)), (ulong)Number(tag));
                _answers.Writer.TryWrite($"aborted {tag} {(byte)await _nexus.ExecuteAsync(request)}");
            }
            else
            {
                await SubmitAsync(_nexus, words);
            }
        }
    }

    private bool Login(string[] words)
    {
        if (words is not ["login", var initiator, var target]) throw new InvalidDataException("a login is wanted first");
        (_initiator, _target) = (initiator, target);
        byte[] port = BitConverter.GetBytes(id)[..6]; // each session is a port of its own
        _nexus = engine.FindTarget(target)?.OpenNexus(
            new NexusRequest(new InitiatorIdentity(initiator), TransportId.ForIscsi(initiator, port), 0, this, WantedCommands) { SessionId = id });
        if (_nexus is not null) _slots = new SemaphoreSlim(Math.Min(_nexus.MaxCommands, WantedCommands));
        _answers.Writer.TryWrite(_nexus is null ? "refused" : $"ok {Math.Min(_nexus.MaxCommands, WantedCommands)}");
        return _nexus is not null;
    }

    private async Task SubmitAsync(INexus nexus, string[] words)
    {
        if (words.Length is not (4 or 5)) throw new InvalidDataException("a command is TAG LUN CDB EXPECTED [DATA]");
        byte[] cdb = Convert.FromHexString(words[2]);
        if (cdb.Length is 0 or > ScsiCommand.MaxCdbLength) throw new InvalidDataException($"a CDB of {cdb.Length} bytes");
        byte[] data = words.Length == 5 ? Convert.FromHexString(words[4]) : [];
        // Whoever sends more than it was told at login waits here: nothing more is read from it.
        await _slots!.WaitAsync(_stop.Token);
        ScsiCommand command = nexus.TryRentCommand() ?? throw new InvalidDataException("more commands than were allowed");
        command.Tag = (ulong)Number(words[0]);
        command.Lun = Lun.FromNumber(Number(words[1]));
        command.SetCdb(cdb);
        command.ExpectedDataIn = Number(words[3]);
        command.ExpectedDataOut = data.Length;
        command.Transport = this;
        command.TransportState = data;
        nexus.Submit(command);
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (string answer in _answers.Reader.ReadAllAsync())
                await _stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\n"));
        }
        catch (Exception lost) when (lost is IOException or SocketException)
        {
            // The reader sees it, too, and ends the session.
            await _stop.CancelAsync();
        }
    }

    private static int Number(string word) => int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Hex(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? "-" : Convert.ToHexString(bytes);
}
