using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using Portal.Kubernetes.Client.Auth;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Client;

/// <summary>Talks to one API server. Thread-safe; one per connection. Does not own the connection's handler.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The invoker does not own the handler, so there is nothing to dispose.")]
public sealed class KubeClient(KubeConnection connection)
{
    /// <summary>Deep enough for the largest CRD schemas, shallow enough for the stack.</summary>
    private const int MaxDepth = 256;

    private static readonly JsonDocumentOptions s_documentOptions = new() { MaxDepth = MaxDepth };
    private static readonly JsonWriterOptions s_writerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly HttpMessageInvoker _http = new(connection.Handler, disposeHandler: false);

    public KubeConnection Connection { get; } = connection;

    /// <summary>How long an ordinary request may take in all, with its repetitions. Watches and <see cref="SendAsync"/> have no limit.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>
    /// The same server asked as somebody else (<c>Impersonate-User</c>, <c>Impersonate-Group</c>), for which this client's own user needs the verb impersonate on
    /// users and groups.
    /// </summary>
    public KubeClient As(string user, IReadOnlyCollection<string> groups) => new(Connection with { Handler = new ImpersonatingHandler(user, groups, Connection.Handler) })
    {
        RequestTimeout = RequestTimeout,
        TimeProvider = TimeProvider,
    };

    /// <summary>Verbs over a typed kind.</summary>
    public Resource<T> Resource<T>() where T : KubeObject, IKubeKind<T> => new(this, T.Definition, T.FromJson);

    /// <summary>Verbs over a kind known only by its definition.</summary>
    public Resource<KubeObject> Resource(ResourceDefinition definition) => new(this, definition, json => new KubeObject(json));

    /// <summary>
    /// Sends any request, with the connection's credentials, and returns as soon as the headers are there: the body streams. No status is treated
    /// as an error. For subresources that stream, and for <c>services/NAME:PORT/proxy</c>.
    /// </summary>
    /// <param name="request">Its URI is a path (and query) below the server's root, such as <c>/api/v1/…</c>, or absolute on the same server.</param>
    /// <exception cref="ArgumentException">The URI points to another server, which must not get the credentials.</exception>
    /// <exception cref="KubeUnreachableException">The server gave no answer.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendMeasuredAsync(request, request.Method.Method, cancellationToken);

    /// <summary>GET of a JSON object at a path (with query) below the server's root.</summary>
    /// <exception cref="KubernetesException">The server refused.</exception>
    /// <exception cref="KubeUnreachableException">The server gave no answer.</exception>
    public Task<JsonObject> GetJsonAsync(string path, CancellationToken cancellationToken) =>
        SendJsonAsync(HttpMethod.Get, path, null, "application/json", cancellationToken);

    /// <summary>Sends JSON, if any, and reads a JSON object: for subresources such as <c>/scale</c> and <c>/token</c>.</summary>
    /// <inheritdoc cref="GetJsonAsync"/>
    public Task<JsonObject> SendJsonAsync(HttpMethod method, string path, JsonNode? body, string contentType, CancellationToken cancellationToken) =>
        SendAsync(method, path, body, contentType, ReadObjectAsync, cancellationToken);

    /// <summary>GET whose answer is read by <paramref name="read"/> and then let go. A <see cref="JsonException"/> of it is told as a malformed answer.</summary>
    internal Task<TResult> GetAsync<TResult>(string path, Func<JsonElement, TResult> read, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Get,
            path,
            null,
            "",
            async (content, token) =>
            {
                using var document = await JsonDocument.ParseAsync(content, s_documentOptions, token);
                return read(document.RootElement);
            },
            cancellationToken);

    /// <summary>Opens a watch, once; throws when the server refuses.</summary>
    internal async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var request = NewRequest(HttpMethod.Get, path, null, "");
        var response = await SendMeasuredAsync(request, "WATCH", cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await StatusReader.ReadAsync(request, response, TimeProvider, cancellationToken);
        }
    }

    internal static bool IsTransport(Exception exception) => exception is IOException or (HttpRequestException and not KubeUnreachableException);

    private async Task<TResult> SendAsync<TResult>(
        HttpMethod method,
        string path,
        JsonNode? body,
        string contentType,
        Func<Stream, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(RequestTimeout, TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        var start = TimeProvider.GetTimestamp();
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    return await SendOnceAsync(method, path, body, contentType, read, limit.Token);
                }
                catch (Exception exception) when (
                    RetryPolicy.PauseAfter(exception, method == HttpMethod.Get, attempt) is { } pause && TimeProvider.GetElapsedTime(start) + pause < RequestTimeout)
                {
                    KubeMetrics.RequestRetries.Add(1, new KeyValuePair<string, object?>("verb", method.Method));
                    await Task.Delay(pause, TimeProvider, limit.Token);
                }
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new KubeUnreachableException(Connection.Server, $"no answer within {RequestTimeout.TotalSeconds:0.#} s.", exception);
        }
    }

    private async Task<TResult> SendOnceAsync<TResult>(
        HttpMethod method,
        string path,
        JsonNode? body,
        string contentType,
        Func<Stream, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken)
    {
        using var request = NewRequest(method, path, body, contentType);
        try
        {
            using var response = await SendMeasuredAsync(request, method.Method, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw await StatusReader.ReadAsync(request, response, TimeProvider, cancellationToken);
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await ReadAsync(request, response, content, read, cancellationToken);
        }
        catch (Exception exception) when (IsTransport(exception))
        {
            throw new KubeUnreachableException(Connection.Server, exception);
        }
    }

    private async Task<HttpResponseMessage> SendMeasuredAsync(HttpRequestMessage request, string verb, CancellationToken cancellationToken)
    {
        request.RequestUri = Resolve(request.RequestUri);
        if (request.Headers.UserAgent.Count == 0)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "genkit-portal");
        }

        var start = TimeProvider.GetTimestamp();
        object code = "error";
        try
        {
            var response = await _http.SendAsync(request, cancellationToken);
            code = (int)response.StatusCode;
            return response;
        }
        catch (Exception exception) when (IsTransport(exception))
        {
            throw new KubeUnreachableException(Connection.Server, exception);
        }
        finally
        {
            KubeMetrics.RequestDuration.Record(TimeProvider.GetElapsedTime(start).TotalSeconds, new("verb", verb), new("code", code));
        }
    }

    private static async Task<TResult> ReadAsync<TResult>(
        HttpRequestMessage request,
        HttpResponseMessage response,
        Stream content,
        Func<Stream, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken)
    {
        try
        {
            return await read(content, cancellationToken);
        }
        catch (JsonException exception)
        {
            var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
            throw new KubernetesException(
                response.StatusCode,
                StatusReader.Synthesize(request, response.StatusCode, $"the body ({type}) is not a JSON object: {exception.Message}"));
        }
    }

    private static async Task<JsonObject> ReadObjectAsync(Stream content, CancellationToken cancellationToken) =>
        await JsonNode.ParseAsync(content, null, s_documentOptions, cancellationToken) as JsonObject ?? throw new JsonException("another JSON value.");

    private static HttpRequestMessage NewRequest(HttpMethod method, string path, JsonNode? body, string contentType)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (body is not null)
        {
            var buffer = new ArrayBufferWriter<byte>(1024);
            using (var writer = new Utf8JsonWriter(buffer, s_writerOptions))
            {
                body.WriteTo(writer);
            }

            request.Content = new ReadOnlyMemoryContent(buffer.WrittenMemory) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } };
        }

        return request;
    }

    private Uri Resolve(Uri? uri)
    {
        var server = Connection.Server;
        var text = uri?.OriginalString ?? throw new ArgumentException("The request has no URI.", nameof(uri));

        // On Unix "/api" parses as an absolute file URI; "//host" would leave the server.
        if (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal))
        {
            return new Uri(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + text);
        }

        return uri.IsAbsoluteUri && Uri.Compare(uri, server, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
            ? uri
            : throw new ArgumentException($"A request must go to a path below {server}.", nameof(uri));
    }
}
