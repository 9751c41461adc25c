using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>Transports, each wrong in one thing; most are sessions of one that is right in all else.</summary>
internal static class WrongTransports
{
    public sealed class LeavesTheNexusOpen(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override ValueTask CloseAsync(NexusEnd end) => end == NexusEnd.ConnectionLost ? default : base.CloseAsync(end);
    }

    public sealed class SaysTheConnectionWasLost(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override NexusEnd LogoutEnd => NexusEnd.ConnectionLost;
    }

    public sealed class IgnoresCloseRequests(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override void CloseRequested(NexusEnd end)
        {
        }
    }

    public sealed class AdmitsWhoIsRefused(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override bool Open(string target) => base.Open(target) | true;
    }

    public sealed class TakesAllForOneInitiator(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override string PortName => "iqn.2026-11.org.example:somebody";
    }

    public sealed class HasNoNames(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override bool Open(string target)
        {
            TransportId port = TransportId.ForIscsi(PortName, [0x80, 0, 0, 0, 0, 1]);
            Transport.Engine.FindTarget(target)?.OpenNexus(new NexusRequest(new InitiatorIdentity(""), port, 0, this, 1))?.CloseAsync(NexusEnd.Logout).AsTask().Wait();
            return base.Open(target);
        }
    }

    public sealed class KeepsDroppedCommands(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override void Drop(ScsiCommand command)
        {
        }
    }

    public sealed class AnswersAfterAnAbort(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override void Drop(ScsiCommand command)
        {
            ulong tag = command.Tag;
            base.Drop(command);
            Answer(tag, new ClientAnswer(ScsiStatus.TaskAborted, [], []));
        }
    }

    public sealed class AbortsEverything(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override ValueTask<TaskManagementResponse> AbortAsync(uint tag, int lun) =>
            Nexus!.ExecuteAsync(new TaskManagementRequest(TaskManagementFunction.AbortTaskSet, Lun.FromNumber(lun), 0));
    }

    public sealed class SaysThatItAborted(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override async ValueTask<TaskManagementResponse> AbortAsync(uint tag, int lun)
        {
            await base.AbortAsync(tag, lun);
            return TaskManagementResponse.FunctionComplete;
        }
    }

    public sealed class CompletesTwice(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override void Complete(ScsiCommand command)
        {
            base.Complete(command);
            command.Release();
        }
    }

    public sealed class SwapsNeighbours(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        private ClientCommand? _first;

        protected override void Submit(ClientCommand command)
        {
            if (command.Cdb[0] == 0 || (_first is null && command.Cdb[0] != 0x28))
            {
                base.Submit(command);
            }
            else if (_first is null)
            {
                _first = command;
            }
            else
            {
                base.Submit(command);
                base.Submit(_first);
                _first = null;
            }
        }
    }

    public sealed class AnswersTheOldest(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override void Answer(ulong tag, ClientAnswer answer) => base.Answer(Answers.Keys.Min(), answer);

        protected override void Fill(ScsiCommand rented, ClientCommand command)
        {
            base.Fill(rented, command);
            if (command.Cdb[0] != 0x28) Answers.TryRemove(command.Tag, out _);
        }
    }

    public sealed class IgnoresTheLimit(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override int WindowLength => 1000;

        protected override void Submit(ClientCommand command)
        {
            if (Nexus!.TryRentCommand() is not { } rented)
            {
                Answer(command.Tag, new ClientAnswer(ScsiStatus.TaskSetFull, [], []));
                return;
            }

            Fill(rented, command);
            Nexus.Submit(rented);
        }
    }

    public sealed class DiesOfGarbage(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override bool Survives(byte[] garbage) => throw new FormatException("nobody catches this");
    }

    public sealed class KeepsNoSense(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override ClientAnswer AnswerOf(ScsiCommand command) => base.AnswerOf(command) with { Sense = [] };
    }

    public sealed class CutsCdbs(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override void Fill(ScsiCommand rented, ClientCommand command) => base.Fill(rented, command with { Cdb = command.Cdb[..Math.Min(16, command.Cdb.Length)] });
    }

    public sealed class KeepsALunByte(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override void Fill(ScsiCommand rented, ClientCommand command) => base.Fill(rented, command with { Lun = command.Lun & 0xFF });
    }

    public sealed class SendsAllThereIs(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override ClientAnswer AnswerOf(ScsiCommand command) => base.AnswerOf(command) with { DataIn = command.DataIn.Slice(0, command.DataInLength).ToArray() };
    }

    public sealed class LosesTheLastBlock(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override DataOutProgress ReceiveDataOut(ScsiCommand command)
        {
            byte[] data = [.. ((ClientCommand)command.TransportState!).DataOut];
            if (data.Length > 65536) data.AsSpan(^EngineNexus.BlockLength..).Clear();
            command.DataOut.CopyFrom(data.AsSpan(0, command.DataOut.Length));
            return DataOutProgress.Completed;
        }
    }

    public sealed class LeaksABuffer(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        public override bool Open(string target)
        {
            _ = Transport.Host.Buffers.TryRent(4096, "leaked");
            return base.Open(target);
        }
    }

    public sealed class IsBusyWithOneSession(SeededTransport transport, int initiator) : SeededSession(transport, initiator)
    {
        protected override ClientAnswer AnswerOf(ScsiCommand command) =>
            Transport.Sessions.Count() > 1 ? new ClientAnswer(ScsiStatus.Busy, [], []) : base.AnswerOf(command);
    }

    public sealed class GoesOnAfterADrain(TransportCreateContext context, Func<SeededTransport, int, SeededSession> makeSession)
        : SeededTransport(context, makeSession)
    {
        public override ValueTask DrainAsync(CancellationToken cancellationToken) => default;
    }

    public sealed class ForgetsItsSessions(TransportCreateContext context, Func<SeededTransport, int, SeededSession> makeSession)
        : SeededTransport(context, makeSession)
    {
#pragma warning disable CA2215 // That is what is wrong with it.
        public override ValueTask DisposeAsync() => default;
#pragma warning restore CA2215
    }
}
