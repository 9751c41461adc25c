using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>A command whose grant and result a test sees and sets.</summary>
public sealed class TestCommand : ScsiCommand, IDisposable
{
    private readonly CancellationTokenSource _abort = new();

    /// <inheritdoc/>
    public override CancellationToken Aborted => _abort.Token;

    /// <summary>Says who sent it and which row it runs.</summary>
    public void Route(INexusView nexus, CommandDescriptor? descriptor)
    {
        Nexus = nexus;
        Descriptor = descriptor;
    }

    /// <summary>Says how much the CDB wants, and gives the data buffers.</summary>
    public void Grant(long wantedOut, DataSlice dataOut, DataSlice dataIn)
    {
        WantedDataOut = wantedOut;
        DataOut = dataOut;
        DataIn = dataIn;
    }

    /// <summary>Sets the outcome.</summary>
    public void Finish(ScsiOutcome outcome) => Outcome = outcome;

    /// <summary>Aborts it: <see cref="Aborted"/> fires.</summary>
    public void Abort() => _abort.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _abort.Dispose();
}
