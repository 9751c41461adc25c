using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

/// <summary>
/// Shape 10: a store whose library calls back on a thread that .NET has not made. Requests are pooled value task sources: a call allocates nothing
/// once warm, and whoever awaits it goes on upon the native thread.
/// </summary>
internal sealed unsafe partial class NativeThreadStore(int length) : IBlockStore
{
    private readonly byte[] _bytes = new byte[length];
    private readonly ConcurrentBag<Request> _idle = [];

    public StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Asynchronous);

    public long Length => _bytes.Length;

    /// <summary>Request objects that were ever made.</summary>
    public int Requests { get; private set; }

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => Start(offset, destination, isWrite: false);

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Start(offset, source, isWrite: true);

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Start(0, default, isWrite: true);

    public ValueTask DisposeAsync() => default;

    private ValueTask<StorageResult> Start(long offset, DataSlice data, bool isWrite)
    {
        if (!StoreRange.Fits(offset, data.Length, Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        if (!_idle.TryTake(out Request? request))
        {
            request = new Request(this);
            Requests++;
        }

        return request.Start(offset, data, isWrite);
    }

    /// <summary>What the library runs on its thread.</summary>
    [UnmanagedCallersOnly]
    private static nint OnLibraryThread(nint request)
    {
        ((Request)GCHandle.FromIntPtr(request).Target!).Execute();
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "pthread_create")]
    private static partial int CreateThread(out nint thread, nint attributes, delegate* unmanaged<nint, nint> start, nint argument);

    [LibraryImport("libc", EntryPoint = "pthread_detach")]
    private static partial int DetachThread(nint thread);

    private sealed class Request : IValueTaskSource<StorageResult>
    {
        private readonly NativeThreadStore _store;
        private readonly GCHandle _self;
        private ManualResetValueTaskSourceCore<StorageResult> _core;
        private long _offset;
        private DataSlice _data;
        private bool _isWrite;

        public Request(NativeThreadStore store)
        {
            _store = store;
            _self = GCHandle.Alloc(this);
        }

        public ValueTask<StorageResult> Start(long offset, DataSlice data, bool isWrite)
        {
            (_offset, _data, _isWrite) = (offset, data, isWrite);
            _core.Reset();
            short version = _core.Version;
            if (CreateThread(out nint thread, 0, &OnLibraryThread, GCHandle.ToIntPtr(_self)) != 0)
                return StorageResult.FromStorageStatus(StorageStatus.InternalFault).AsTask();
            _ = DetachThread(thread);
            return new ValueTask<StorageResult>(this, version);
        }

        public void Execute()
        {
            Span<byte> bytes = _store._bytes.AsSpan((int)_offset, _data.Length);
            if (_isWrite) _data.CopyTo(bytes);
            else _data.CopyFrom(bytes);
            _core.SetResult(StorageResult.Ok);
        }

        public StorageResult GetResult(short token)
        {
            StorageResult result = _core.GetResult(token);
            _data = default;
            _store._idle.Add(this);
            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
