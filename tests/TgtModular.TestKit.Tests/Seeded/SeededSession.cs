using System.Collections.Concurrent;
using System.Threading.Channels;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>What an initiator sends; one of the four.</summary>
internal sealed record SeededMessage
{
    public ClientCommand? Command { get; init; }

    public (uint Tag, int Lun, TaskCompletionSource<TaskManagementResponse> Answer)? Abort { get; init; }

    public TaskCompletionSource? Logout { get; init; }

    public byte[]? Garbage { get; init; }
}

/// <summary>A right session: one loop takes what the initiator sends; answers go to whoever waits for their tag.</summary>
internal class SeededSession(SeededTransport transport, int initiator) : ICommandTransport, INexusObserver
{
    private const int WantedCommands = 32;

    private readonly Channel<SeededMessage> _incoming = Channel.CreateUnbounded<SeededMessage>();
    private readonly CancellationTokenSource _stop = new();
    private NexusEnd _end = NexusEnd.ConnectionLost;

    public SeededTransport Transport => transport;

    /// <summary>Tags that wait for their answers.</summary>
    public ConcurrentDictionary<ulong, TaskCompletionSource<ClientAnswer>> Answers { get; } = new();

    /// <summary>Commands that the initiator may have in flight.</summary>
    public SemaphoreSlim Window { get; private set; } = new(WantedCommands);

    public Task Ended { get; private set; } = Task.CompletedTask;

    protected INexus? Nexus { get; private set; }

    protected virtual string PortName => $"iqn.2026-11.org.example:initiator-{initiator}";

    protected virtual int WindowLength => Math.Min(Nexus!.MaxCommands, WantedCommands);

    /// <summary>Logs in; false when it is refused.</summary>
    public virtual bool Open(string target)
    {
        TransportId port = TransportId.ForIscsi(PortName, [0x80, 0, 0, 0, 0, 1]);
        Nexus = transport.Engine.FindTarget(target)?.OpenNexus(new NexusRequest(new InitiatorIdentity(PortName), port, 0, this, WantedCommands));
        if (Nexus is null) return false;
        Window = new SemaphoreSlim(WindowLength);
        Ended = RunAsync();
        return true;
    }

    public void Send(SeededMessage message) => _incoming.Writer.TryWrite(message);

    /// <summary>The initiator is gone.</summary>
    public void Lose() => _incoming.Writer.TryComplete();

    public void End(NexusEnd end)
    {
        _end = end;
        _stop.Cancel();
    }

    public virtual void CloseRequested(NexusEnd end) => End(end);

    public virtual DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        command.DataOut.CopyFrom(((ClientCommand)command.TransportState!).DataOut.AsSpan(0, command.DataOut.Length));
        return DataOutProgress.Completed;
    }

    public virtual void Complete(ScsiCommand command)
    {
        (ulong tag, ClientAnswer answer) = (command.Tag, AnswerOf(command));
        command.Release();
        Answer(tag, answer);
    }

    public virtual void Drop(ScsiCommand command) => command.Release();

    protected virtual ClientAnswer AnswerOf(ScsiCommand command) =>
        new(command.Outcome.Status, command.DataIn.Slice(0, command.SentDataIn).ToArray(), command.SenseBytes.ToArray());

    protected virtual void Answer(ulong tag, ClientAnswer answer)
    {
        if (Answers.TryRemove(tag, out TaskCompletionSource<ClientAnswer>? waiting)) waiting.TrySetResult(answer);
    }

    protected virtual void Submit(ClientCommand command)
    {
        ScsiCommand rented = Nexus!.TryRentCommand() ?? throw new InvalidOperationException("the initiator keeps to its window");
        Fill(rented, command);
        Nexus.Submit(rented);
    }

    protected virtual void Fill(ScsiCommand rented, ClientCommand command)
    {
        rented.Tag = command.Tag;
        rented.Lun = Lun.FromNumber(command.Lun);
        rented.SetCdb(command.Cdb);
        rented.ExpectedDataIn = command.ExpectedIn;
        rented.ExpectedDataOut = command.DataOut.Length;
        rented.Transport = this;
        rented.TransportState = command;
    }

    protected virtual ValueTask<TaskManagementResponse> AbortAsync(uint tag, int lun) =>
        Nexus!.ExecuteAsync(new TaskManagementRequest(TaskManagementFunction.AbortTask, Lun.FromNumber(lun), tag));

    protected virtual NexusEnd LogoutEnd => NexusEnd.Logout;

    protected virtual ValueTask CloseAsync(NexusEnd end) => Nexus!.CloseAsync(end);

    /// <summary>Bytes that are no message end the session.</summary>
    protected virtual bool Survives(byte[] garbage) => false;

    private async Task RunAsync()
    {
        await Task.Yield();
        TaskCompletionSource? logout = null;
        try
        {
            while (logout is null && await _incoming.Reader.WaitToReadAsync(_stop.Token) && _incoming.Reader.TryRead(out SeededMessage? message))
            {
                if (message.Command is { } command)
                {
                    Submit(command);
                }
                else if (message.Abort is var (tag, lun, answer))
                {
                    answer.TrySetResult(await AbortAsync(tag, lun));
                }
                else if (message.Garbage is { } garbage && !Survives(garbage))
                {
                    _end = NexusEnd.ProtocolError;
                    break;
                }
                else
                {
                    logout = message.Logout;
                }
            }

            if (logout is not null) _end = LogoutEnd;
        }
        catch (OperationCanceledException)
        {
            // Asked to end: _end says why.
        }

        await CloseAsync(_end);
        logout?.TrySetResult();
        foreach (TaskCompletionSource<ClientAnswer> waiting in Answers.Values) waiting.TrySetCanceled();
    }
}

/// <summary>The initiator.</summary>
internal sealed class SeededClient(SeededSession session) : TransportClient
{
    public override Task Ended => session.Ended;

    public override async Task<ClientAnswer> SendAsync(ClientCommand command)
    {
        TaskCompletionSource<ClientAnswer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Answers[command.Tag] = answer;
        await session.Window.WaitAsync();
        session.Send(new SeededMessage { Command = command });
        try
        {
            return await answer.Task;
        }
        finally
        {
            session.Window.Release();
        }
    }

    public override async Task<TaskManagementResponse> AbortAsync(uint tag, int lun)
    {
        TaskCompletionSource<TaskManagementResponse> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Send(new SeededMessage { Abort = (tag, lun, answer) });
        return await answer.Task;
    }

    public override Task LogoutAsync()
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Send(new SeededMessage { Logout = answer });
        return answer.Task;
    }

    public override Task SendGarbageAsync(byte[] garbage)
    {
        session.Send(new SeededMessage { Garbage = garbage });
        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        session.Lose();
        return default;
    }
}
