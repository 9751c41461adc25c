using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>How a command ended.</summary>
/// <param name="Outcome">Status and sense data.</param>
/// <param name="DataIn">Data-In that went to the initiator.</param>
/// <param name="ResidualIn">Data-In residual: positive for an underflow.</param>
/// <param name="ResidualOut">Data-Out residual: positive when more was announced than the command took.</param>
public sealed record CommandResult(ScsiOutcome Outcome, byte[] DataIn, long ResidualIn, long ResidualOut)
{
    /// <summary>The sense data; meaningful with CHECK CONDITION.</summary>
    public SenseData Sense => Outcome.Sense;
}

/// <summary>
/// Runs commands on a device server as the core does: row, CDB mask, medium, data lengths, the row's check, buffers, handler. Commands the core
/// answers itself (<see cref="CoreCommands"/>), reservations, unit attentions and ordering are not its business. An exception of the device server
/// reaches the test.
/// </summary>
/// <param name="server">The device server.</param>
/// <param name="host">Its pool serves the data buffers and finds misuse.</param>
/// <param name="unit">The unit the server was made for.</param>
public sealed class CommandDriver(IDeviceServer server, TestHost host, ILogicalUnit unit)
{
    private long _lastTag;

    /// <summary>Where commands come from unless a test says otherwise.</summary>
    public INexusView Nexus { get; set; } = new TestNexus();

    /// <summary>Runs a command.</summary>
    /// <param name="cdb">The CDB.</param>
    /// <param name="dataOut">Data-Out of the initiator; its length is what the initiator announces.</param>
    /// <param name="expectedIn">Bytes of Data-In the initiator expects; null for as many as the CDB allows.</param>
    /// <param name="nexus">The nexus; null for <see cref="Nexus"/>.</param>
    public async ValueTask<CommandResult> RunAsync(
        ReadOnlyMemory<byte> cdb, ReadOnlyMemory<byte> dataOut = default, long? expectedIn = null, INexusView? nexus = null)
    {
        using TestCommand command = Create(cdb.Span, dataOut.Length, nexus);
        return await RunAsync(command, dataOut, expectedIn);
    }

    /// <summary>A command that is not run yet, for tests that abort it on the way.</summary>
    public TestCommand Create(ReadOnlySpan<byte> cdb, long expectedOut = 0, INexusView? nexus = null)
    {
        TestCommand command = new() { Lun = Lun.FromNumber(0), Tag = (ulong)Interlocked.Increment(ref _lastTag), ExpectedDataOut = expectedOut };
        command.SetCdb(cdb);
        command.Route(nexus ?? Nexus, null);
        return command;
    }

    /// <summary>Runs a command made by <see cref="Create"/>.</summary>
    public async ValueTask<CommandResult> RunAsync(TestCommand command, ReadOnlyMemory<byte> dataOut = default, long? expectedIn = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (!TryAccept(command, out DataLengths lengths, out ScsiOutcome refusal))
        {
            command.ExpectedDataIn = expectedIn ?? 0;
            return Finish(command, refusal);
        }

        long roomIn = Math.Min(lengths.In, unit.MaximumTransferLength);
        command.ExpectedDataIn = expectedIn ?? roomIn;
        using DataBuffer? outBuffer = Rent((int)Math.Min(lengths.Out, dataOut.Length), "data-out");
        using DataBuffer? inBuffer = Rent((int)roomIn, "data-in");
        if (outBuffer is not null) outBuffer.Slice().CopyFrom(dataOut.Span[..outBuffer.Length]);
        command.Grant(lengths.Out, outBuffer?.Slice() ?? default, inBuffer?.Slice() ?? default);
        ScsiOutcome outcome = await command.Descriptor!.Handler(command);
        if (command.DataInLength < 0 || command.DataInLength > command.DataIn.Length)
        {
            throw new InvalidOperationException(
                $"{command.Descriptor.Name} says {command.DataInLength} bytes of Data-In where {command.DataIn.Length} have room");
        }

        return Finish(command, outcome);
    }

    private bool TryAccept(TestCommand command, out DataLengths lengths, out ScsiOutcome refusal)
    {
        lengths = default;
        CommandDescriptor? row = server.Commands.Find(command.Cdb, out SenseData sense);
        if (row is null || !CommandTable.IsAcceptable(row, command.Cdb, out sense) || (row.NeedsMedium && !server.CheckReady(out sense)))
        {
            refusal = sense;
            return false;
        }

        command.Route(command.Nexus, row);
        lengths = row.DataLength(command.Cdb);
        command.Grant(lengths.Out, default, default);
        CheckDirection(row, lengths);
        refusal = default;
        if (row.Check is not null && !row.Check(command, out refusal)) return false;
        if (lengths.Out <= unit.MaximumTransferLength) return true;
        refusal = Sense.Illegal(AdditionalSense.InvalidFieldInCdb);
        return false;
    }

    private static void CheckDirection(CommandDescriptor row, DataLengths lengths)
    {
        bool wrong = (lengths.Out > 0 && !row.Direction.HasFlag(DataDirection.Out)) || (lengths.In > 0 && !row.Direction.HasFlag(DataDirection.In));
        if (wrong || lengths.Out < 0 || lengths.In < 0)
            throw new InvalidOperationException($"the row of {row.Name} has direction {row.Direction} and lengths {lengths}");
    }

    private DiagnosticBuffer? Rent(int length, string tag)
    {
        if (length == 0) return null;
        return host.Buffers.TryRent(length, tag) ?? throw new InvalidOperationException("the test's buffer pool has no room");
    }

    private static CommandResult Finish(TestCommand command, ScsiOutcome outcome)
    {
        command.Finish(outcome);
        byte[] data = command.DataIn.Slice(0, command.SentDataIn).ToArray();
        return new CommandResult(outcome, data, command.ResidualIn, command.ResidualOut);
    }
}
