using System.Net;
using System.Net.Http.Headers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Samples.HttpStore;

/// <summary>Opens files on web servers as read-only disks.</summary>
[ExportStore("http")]
public sealed class HttpStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("url", OptionType.Text, "Address of the file, http or https.") { Required = true },
        new OptionDefinition("timeout", OptionType.Duration, "How long one request may take; 30 s by default.") { Default = TimeSpan.FromSeconds(30) });

    /// <inheritdoc/>
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        string text = context.Options.RequireText("url");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
            throw new StoreOpenException($"'{text}' is no http or https address");
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 16 }) { Timeout = context.Options.GetDuration("timeout") };
        try
        {
            using var probe = new HttpRequestMessage(HttpMethod.Head, url);
            using HttpResponseMessage response = await client.SendAsync(probe, cancellationToken);
            (long length, EntityTagHeaderValue tag) = Check(url, response);
            return new HttpStore(client, url, length, tag, context.Observer);
        }
        catch (Exception failure)
        {
            client.Dispose();
            if (failure is StoreOpenException || cancellationToken.IsCancellationRequested) throw;
            throw new StoreOpenException($"{url} cannot be reached: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// Without byte ranges no block can be read, without a strong tag a file that was replaced would give a mixture of old and new blocks (RFC 9110
    /// sections 14.3 and 8.8.3).
    /// </summary>
    private static (long Length, EntityTagHeaderValue Tag) Check(Uri url, HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK) throw new StoreOpenException($"{url}: the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
        if (!response.Headers.AcceptRanges.Contains("bytes")) throw new StoreOpenException($"{url}: the server gives no parts of files (no 'Accept-Ranges: bytes')");
        if (response.Headers.ETag is not { IsWeak: false } tag) throw new StoreOpenException($"{url}: the server gives no strong ETag, so that a changed file would go unnoticed");
        return response.Content.Headers.ContentLength is > 0 and long length
            ? (length, tag)
            : throw new StoreOpenException($"{url}: the server does not tell the file's length, or it is empty");
    }
}
