using System.Net;
using System.Text;
using Portal.Runner.Evaluation.Cluster;

namespace Portal.Runner.Evaluation.Datasets;

/// <summary>Where a dataset is: exactly one of the first four.</summary>
internal sealed record DatasetSource
{
    public string? Inline { get; init; }

    /// <summary>A file, or a directory such as a ConfigMap volume.</summary>
    public string? Path { get; init; }

    /// <summary>Absolute, http or https.</summary>
    public Uri? Uri { get; init; }

    /// <summary>A ConfigMap of the pod's namespace, read through the API server.</summary>
    public string? ConfigMap { get; init; }

    /// <summary>Key in the ConfigMap or name in the directory; null takes <c>data.FORMAT</c>, then <c>data.json</c>.</summary>
    public string? Key { get; init; }

    public required string Format { get; init; }
    public long MaxBytes { get; init; } = 20 * 1024 * 1024;
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A client for addresses of datasets. Redirects are followed, since stores of files use them and no credential goes along; never from https to http.</summary>
    public static HttpClient CreateHttpClient() => new(new SocketsHttpHandler
    {
        UseCookies = false,
        MaxAutomaticRedirections = 5,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        AutomaticDecompression = DecompressionMethods.All,
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan, // ours covers the body too
    };

    /// <summary>For people: <c>file /x</c>, <c>ConfigMap "x"</c>; an address without its query, which may hold a signature.</summary>
    public string Describe() => this switch
    {
        { Inline: not null } => "the inline dataset",
        { Path: { } path } => $"the dataset in {path}",
        { Uri: { } uri } => $"the dataset at {uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}",
        _ => $"the dataset in ConfigMap \"{ConfigMap}\"",
    };

    /// <exception cref="EvaluationException">DatasetUnreadable; says where and why.</exception>
    public async Task<byte[]> ReadAsync(HttpClient client, Func<ClusterApi> cluster, CancellationToken cancellationToken)
    {
        try
        {
            return Inline is not null ? Encoding.UTF8.GetBytes(Inline)
                : Path is not null ? await ReadFileAsync(FileOf(Path), cancellationToken)
                : Uri is not null ? await DownloadAsync(client, Uri, cancellationToken)
                : Encoding.UTF8.GetBytes(KeyOf(await cluster().ReadConfigMapAsync(ConfigMap!, cancellationToken)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or HttpRequestException)
        {
            throw Unreadable(exception.Message, exception);
        }
    }

    public EvaluationException Unreadable(string reason, Exception? inner = null) =>
        new(EvaluationExit.DatasetUnreadable, $"{Describe()} cannot be read: {reason}", inner);

    private IEnumerable<string> Keys => Key is not null ? [Key] : new[] { $"data.{Format}", "data.json" }.Distinct();

    private string KeyOf(JsonObject data) =>
        Keys.Select(key => data[key]?.GetValue<string>()).FirstOrDefault(static text => text is not null)
        ?? throw new FormatException($"it has no key {string.Join(" or ", Keys)} ({(data.Count == 0 ? "it has none at all" : "it has " + string.Join(", ", data.Select(static item => item.Key).Take(10)))})");

    private string FileOf(string path)
    {
        if (!Directory.Exists(path))
        {
            return File.Exists(path) ? path : throw new FormatException("there is no such file");
        }

        return Keys.Select(key => System.IO.Path.Combine(path, key)).FirstOrDefault(File.Exists)
            ?? throw new FormatException($"the directory has no file {string.Join(" or ", Keys)}");
    }

    private async Task<byte[]> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        return await ReadLimitedAsync(stream, cancellationToken);
    }

    private async Task<byte[]> DownloadAsync(HttpClient client, Uri address, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw new FormatException($"the server answers {(int)response.StatusCode}");
            }

            if (response.Content.Headers.ContentLength > MaxBytes)
            {
                throw TooLarge();
            }

            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            return await ReadLimitedAsync(body, limit.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FormatException($"it did not arrive within {Timeout.TotalSeconds:0} s", exception);
        }
    }

    private async Task<byte[]> ReadLimitedAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[81920];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MaxBytes)
            {
                throw TooLarge();
            }
        }

        return bytes.ToArray();
    }

    private FormatException TooLarge() => new($"it is larger than {MaxBytes / 1024 / 1024} MB (EVAL_DATASET_MAX_BYTES)");
}
