using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>Stores, each wrong in one thing.</summary>
internal static class WrongStores
{
    public sealed class ReadsBehindTheEnd(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
        {
            if (offset != Length) return base.ReadAsync(offset, destination, cancellationToken);
            destination.Clear();
            return default;
        }
    }

    public sealed class WritesTheFirstSegmentOnly(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
        {
            foreach (DataSegment segment in source) return base.WriteAsync(offset, source.Slice(0, segment.Length), options, cancellationToken);
            return base.WriteAsync(offset, source, options, cancellationToken);
        }
    }

    public sealed class DropsTheLastByte(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
            base.WriteAsync(offset, source.Slice(0, Math.Max(0, source.Length - 1)), options, cancellationToken);
    }

    public sealed class DiscardsNothing(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
            Run(offset, length, () => { }, cancellationToken).AsTask();
    }

    public sealed class ZeroesWholeSectors(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
            Run(offset, length, () => Bytes.AsSpan((int)offset, (int)Math.Min(Length - offset, (length + 511) / 512 * 512)).Clear(), cancellationToken).AsTask();
    }

    public sealed class ComparesThenWrites(StoreOpenContext context) : SeededStore(context)
    {
        public override async ValueTask<StorageResult> CompareAndWriteAsync(
            long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
        {
            byte[] old = new byte[expected.Length];
            StorageResult read = await ReadAsync(offset, DataBuffer.Wrap(old).Slice(), cancellationToken);
            if (!read.IsOk) return read;
            int same = old.AsSpan().CommonPrefixLength(expected.ToArray());
            if (same < expected.Length) return new StorageResult(StorageStatus.Miscompare, same);
            Thread.Yield();
            return await WriteAsync(offset, replacement, options, cancellationToken);
        }
    }

    public sealed class DoesNotSayWhere(StoreOpenContext context) : SeededStore(context)
    {
        public override async ValueTask<StorageResult> CompareAndWriteAsync(
            long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) =>
            (await base.CompareAndWriteAsync(offset, expected, replacement, options, cancellationToken)).Status;
    }

    public sealed class IgnoresCancellation(StoreOpenContext context) : SeededStore(context)
    {
        protected override StorageResult Check(long offset, long length, CancellationToken cancellationToken) => base.Check(offset, length, CancellationToken.None);
    }

    public sealed class ThrowsWhenCancelled(StoreOpenContext context) : SeededStore(context)
    {
        protected override StorageResult Check(long offset, long length, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return base.Check(offset, length, cancellationToken);
        }
    }

    public sealed class WorksOnAfterDisposal(StoreOpenContext context) : SeededStore(context)
    {
#pragma warning disable CA2215 // That is what is wrong with it.
        public override ValueTask DisposeAsync() => default;
#pragma warning restore CA2215
    }

    public sealed class ThrowsAfterDisposal(StoreOpenContext context) : SeededStore(context)
    {
        protected override StorageResult Check(long offset, long length, CancellationToken cancellationToken)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return base.Check(offset, length, cancellationToken);
        }
    }

    public sealed class ResizesInSilence(StoreOpenContext context) : SeededStore(context with { Observer = new RecordingStoreObserver() });

    public sealed class ForgetsWhenGrown(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
        {
            if (length > Length) Bytes.AsSpan((int)Length / 2).Clear();
            return base.ResizeAsync(length, cancellationToken);
        }
    }

    public sealed class HolesEverywhere(StoreOpenContext context) : SeededStore(context), IBlockStore
    {
        public override StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.AllocationMap, StoreExecution.Inline);

        public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
        {
            extent = new StoreExtent(offset, length, Allocated: false);
            return length >= 1 && StoreRange.Fits(offset, length, Length) ? StorageResult.Ok : StorageStatus.OutOfRange;
        }
    }

    public sealed class OddAlignment(StoreOpenContext context) : SeededStore(context)
    {
        public override StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Inline) { PhysicalBlockLength = 1000 };
    }

    public sealed class SaysInlineAndIsNot(StoreOpenContext context) : SeededStore(context)
    {
        public override async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
        {
            await Task.Delay(1, CancellationToken.None);
            return await base.ReadAsync(offset, destination, cancellationToken);
        }
    }

    public sealed class LeaksABuffer(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
        {
            _ = Host.Buffers.TryRent(512, "leaked");
            return base.FlushAsync(cancellationToken);
        }
    }

    public sealed class WritesAfterReturning(StoreOpenContext context) : SeededStore(context)
    {
        private DataSegment? _kept;

        public override ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
        {
            if (_kept is { } kept && !kept.Memory.IsEmpty) WriteLate(kept);
            foreach (DataSegment segment in destination) _kept = segment;
            return base.ReadAsync(offset, destination, cancellationToken);
        }

        private static unsafe void WriteLate(DataSegment segment) => *(byte*)segment.Pointer = 1;
    }

    public sealed class ChangesTheSource(StoreOpenContext context) : SeededStore(context)
    {
        public override ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
        {
            ValueTask<StorageResult> done = base.WriteAsync(offset, source, options, cancellationToken);
            source.Clear();
            return done;
        }
    }
}
