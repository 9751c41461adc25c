using System.Runtime.InteropServices;
using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Killer;

/// <summary>Opens stores of type <c>killer</c>: block 0 can be read, and what reading another does is told by the option.</summary>
[ExportStore("killer")]
public sealed class KillerStoreFactory : IStoreFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of(new OptionDefinition("how", OptionType.Text, "What a read does.") { Required = true },
        new OptionDefinition("execution", OptionType.Text, "What it declares of its calls.") { Default = nameof(StoreExecution.Asynchronous) },
        new OptionDefinition("gate", OptionType.Text, "With how = blocks: a FIFO; a read waits until somebody writes into it.") { Default = "" });

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) =>
        new(new KillerStore(context.Options.GetText("how"), Enum.Parse<StoreExecution>(context.Options.GetText("execution")), context.Options.GetText("gate")));
}

internal sealed partial class KillerStore(string how, StoreExecution execution, string gate) : IBlockStore
{
    private const int BlockLength = 512;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StoreInfo Info { get; } = new(StoreCapabilities.None, execution);

    public long Length => 1 << 20;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        destination.Clear();
        if (offset < BlockLength) return StorageResult.Ok;
        switch (how)
        {
            case "throws": throw new InvalidOperationException("at once");
            case "throws-later":
                await Task.Yield();
                throw new InvalidOperationException("later");
            case "own-thread": new Thread(Throw).Start(); break;
            case "pool": ThreadPool.QueueUserWorkItem(_ => Throw()); break;
            case "async-void": ThrowLater(); break;
            case "allocates": GC.KeepAlive(new Page[Array.MaxLength]); break;
            case "hangs": await HangAsync(offset, destination); break;
            case "blocks": Block(destination); break;
            case "fail-fast": Environment.FailFast("a plugin that gives up for all"); break;
            case "overflow": _ = Deeper(0); break;
            case "native": _ = LengthOf(8); break;
        }

        return StorageResult.Ok;
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.ReadOnly).AsTask();

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Block 1 waits for a read of block 2, whatever is cancelled meanwhile, and then writes into its buffer.</summary>
    private async Task HangAsync(long offset, DataSlice destination)
    {
        if (offset >= 2 * BlockLength)
        {
            _released.SetResult();
            return;
        }

        await _released.Task;
        destination.Clear();
    }

    /// <summary>Holds the thread, and then writes into its buffer what nobody else is to see.</summary>
    private void Block(DataSlice destination)
    {
        _ = File.ReadAllBytes(gate);
        foreach (DataSegment segment in destination) segment.Span.Fill(0xEE);
    }

    private static void Throw() => throw new InvalidOperationException("nobody catches this");

    private static async void ThrowLater()
    {
        await Task.Yield();
        Throw();
    }

    private static long Deeper(long depth) => Deeper(depth + 1) + depth;

    [DllImport("libc", EntryPoint = "strlen")]
    private static extern nint LengthOf(nint address);

    /// <summary>An array of the most of these is larger than the address space: no machine has the memory, whatever it overcommits.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 65528)]
    private struct Page;
}
