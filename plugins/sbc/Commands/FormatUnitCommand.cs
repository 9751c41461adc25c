using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// FORMAT UNIT (SBC-3 section 5.3): every block reads as zero afterwards; block length and capacity stay. With IMMED it goes on after the status, and
/// the unit is not ready until it ends. A format that fails or is aborted leaves a corrupted one, which only another format mends. There are no defect
/// lists, no initialisation patterns and no protection information: lists must be empty.
/// </summary>
internal sealed partial class FormatUnitCommand(BlockMedium medium, BlockRangeChecks checks, MediumAccess access, string unit, IPluginHost host)
    : IAsyncDisposable
{
    private const byte LongList = 0x20;
    private const byte FormatData = 0x10;
    private const byte Immediate = 0x02;
    private const byte InitializationPattern = 0x08;

    private readonly CancellationTokenSource _stop = new();
    private volatile Job? _running;
    private volatile bool _corrupted;

    /// <summary>True when no format runs and the last one did not fail.</summary>
    public bool CheckReady(out SenseData notReady)
    {
        notReady = default;
        if (_running is { } job) notReady = Sense.FormatInProgress(job.Progress);
        else if (_corrupted) notReady = Sense.MediumFormatCorrupted;
        else return true;
        return false;
    }

    public CommandDescriptor Row() => new()
    {
        OperationCode = SbcOpCode.FormatUnit,
        Name = "FORMAT UNIT",
        UsageMask = CdbMask.Of("04 38 00 0000 00"),
        Direction = DataDirection.Out,
        DataLength = cdb => new DataLengths(HeaderLength(cdb), 0),
        Serialization = SerializationClass.Exclusive,
        Check = CanFormat,
        Handler = FormatAsync,
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is { } job) await job.Done;
        _stop.Dispose();
    }

    private static int HeaderLength(ReadOnlySpan<byte> cdb) => (cdb[1] & FormatData) == 0 ? 0 : (cdb[1] & LongList) != 0 ? 8 : 4;

    private bool CanFormat(ScsiCommand command, out ScsiOutcome refusal)
    {
        // Not NeedsMedium: after a failed format the unit is not ready for anything but this.
        if (!access.CheckReady(out SenseData notReady) || _running is not null)
        {
            refusal = _running is { } job ? Sense.FormatInProgress(job.Progress) : notReady;
            return false;
        }

        if (!checks.IsWritable(out refusal)) return false;
        // Without FMTDATA there is no list that LONGLIST or CMPLST could speak of.
        if ((command.Cdb[1] & FormatData) == 0 && (command.Cdb[1] & ~FormatData) != 0) refusal = Sense.InvalidFieldInCdb(1, 5);
        return refusal.IsGood;
    }

    private async ValueTask<ScsiOutcome> FormatAsync(ScsiCommand command)
    {
        bool immediate = false;
        if (HeaderLength(command.Cdb) is var header && header > 0)
        {
            if (command.DataOut.Length < header) return Sense.ParameterListLengthError;
            if (FindUnacceptable(command.DataOut.Slice(0, header).ToArray()) is { } refusal) return refusal;
            immediate = (Flags(command) & Immediate) != 0;
        }

        Job job = new(medium, Ended, immediate ? _stop.Token : command.Aborted);
        _running = job;
        if (!immediate) return await job.RunAsync();
        host.Workers.Queue(job);
        return ScsiOutcome.Good;
    }

    private void Ended(ScsiOutcome outcome)
    {
        if (outcome.Status != ScsiStatus.Busy) _corrupted = !outcome.IsGood;
        _running = null;
        if (!outcome.IsGood) LogFailed(host.Logger, unit, outcome);
    }

    private static byte Flags(ScsiCommand command)
    {
        Span<byte> header = stackalloc byte[2];
        command.DataOut.Slice(0, 2).CopyTo(header);
        return header[1];
    }

    private static SenseData? FindUnacceptable(ReadOnlySpan<byte> header)
    {
        if (header[0] != 0) return Sense.InvalidFieldInParameterList(0); // PROTECTION FIELD USAGE
        byte flags = header[1];
        if ((flags & InitializationPattern) != 0) return Sense.InvalidFieldInParameterList(1, 3);
        if ((flags & 0x01) != 0) return Sense.InvalidFieldInParameterList(1, 0);
        // FOV must be one for DPRY, DCRT, STPF and DSP; what they switch off does not exist here.
        if ((flags & 0x80) == 0 && (flags & 0x74) != 0) return Sense.InvalidFieldInParameterList(1, 7);
        for (int i = 2; i < header.Length; i++)
        {
            if (header[i] != 0) return Sense.InvalidFieldInParameterList(i); // P_I_INFORMATION, DEFECT LIST LENGTH
        }

        return null;
    }

    /// <summary>One format, run by its command or by a worker.</summary>
    private sealed class Job(BlockMedium medium, Action<ScsiOutcome> ended, CancellationToken cancellationToken) : IThreadPoolWorkItem
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _progress;

        public ushort Progress => (ushort)Volatile.Read(ref _progress);

        public Task Done => _done.Task;

        public async ValueTask<ScsiOutcome> RunAsync()
        {
            ScsiOutcome outcome = Sense.InternalTargetFailure;
            try
            {
                long length = medium.BlockCount << medium.BlockShift;
                WriteOptions options = medium.Abilities.Thin ? WriteOptions.MayDeallocate : WriteOptions.None;
                outcome = await medium.ZeroAsync(
                    0, length, options, done => Volatile.Write(ref _progress, (int)(done / (double)length * ushort.MaxValue)), cancellationToken);
                if (outcome.IsGood) outcome = await medium.FlushAsync(cancellationToken);
                return outcome;
            }
            finally
            {
                ended(outcome);
                _done.SetResult();
            }
        }

        public void Execute() => _ = RunAsync().AsTask();
    }

    [LoggerMessage(EventId = 4101, Level = LogLevel.Error, Message = "unit {Unit}: FORMAT UNIT ended with {Outcome}")]
    private static partial void LogFailed(ILogger logger, string unit, ScsiOutcome outcome);
}
