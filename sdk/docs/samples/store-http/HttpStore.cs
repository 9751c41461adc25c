using System.Net;
using System.Net.Http.Headers;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace Samples.HttpStore;

/// <summary>A file on a web server, read by ranges. As long as the server does not answer, or has another file there, reads end as unavailable.</summary>
internal sealed class HttpStore(HttpClient client, Uri url, long length, EntityTagHeaderValue tag, IStoreObserver observer) : IBlockStore
{
    private int _lost;

    public StoreInfo Info { get; } = new(StoreCapabilities.Shareable, StoreExecution.Asynchronous) { PhysicalBlockLength = 4096 };

    public long Length => length;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (destination.IsEmpty) return StorageStatus.Ok;
        if (offset < 0 || offset > length - destination.Length) return StorageStatus.OutOfRange;
        try
        {
            return await FetchAsync(offset, destination, cancellationToken) is { } problem ? Lose(problem) : Regain();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return StorageStatus.Cancelled;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return Lose(failure.Message);
        }
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        StorageResult.FromStorageStatus(StorageStatus.ReadOnly).AsTask();

    /// <summary>Nothing was ever written.</summary>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Reads one range into the buffer of the command itself.</summary>
    /// <returns>Null when done, else what is wrong with the answer.</returns>
    private async ValueTask<string?> FetchAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(offset, offset + destination.Length - 1);
        request.Headers.IfMatch.Add(tag);
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.PreconditionFailed || (response.Headers.ETag is { } now && !now.Equals(tag)))
            return "there is another file on the server now";
        if (response.StatusCode != HttpStatusCode.PartialContent) return $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}";
        if (response.Content.Headers.ContentRange is not { } range || range.From != offset || range.To != offset + destination.Length - 1)
            return $"the server answers with another range, {response.Content.Headers.ContentRange}";
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(client.Timeout); // Of the client's own, the body is not part once the headers are there.
        await using Stream body = await response.Content.ReadAsStreamAsync(time.Token);
        foreach (DataSegment segment in destination) await body.ReadExactlyAsync(segment.Memory, time.Token);
        return null;
    }

    private StorageResult Lose(string reason)
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0) observer.Lost($"{url}: {reason}");
        return StorageStatus.Unavailable;
    }

    private StorageResult Regain()
    {
        if (Volatile.Read(ref _lost) == 1 && Interlocked.Exchange(ref _lost, 0) == 1) observer.Restored();
        return StorageStatus.Ok;
    }
}
