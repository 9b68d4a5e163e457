using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Portal.Runner.Engine;
using Portal.Runner.Hosting;

namespace Portal.Runner.Tools;

/// <summary>What an endpoint answered: JSON, or its text as a JSON string.</summary>
/// <param name="Value">The answer.</param>
/// <param name="IsJson">Whether the endpoint called it JSON.</param>
internal readonly record struct ToolAnswer(JsonNode? Value, bool IsJson)
{
    /// <summary>The most that is read: a model cannot make use of more.</summary>
    public const int MaxBytes = 1024 * 1024;
    private const int MaxQuoted = 500;
    private static readonly string[] s_ownHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade"];

    /// <summary>Sends a request with the tool's headers, and reads the whole answer.</summary>
    /// <exception cref="ToolException">It cannot be reached, refuses, or answers too much or nonsense.</exception>
    public static async Task<ToolAnswer> SendAsync(HttpClient client, HttpRequestMessage request, ToolDescriptor tool, CancellationToken cancellationToken)
    {
        var secrets = AddHeaders(request, tool);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var mediaType = response.Content.Headers.ContentType?.MediaType ?? "";
            var body = await ReadAsync(response, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new ToolException(Describe((int)response.StatusCode, body, secrets));
            }

            return Interpret(body, mediaType);
        }
        catch (HttpRequestException exception) when (exception.InnerException is ToolException refused)
        {
            throw new ToolException(refused.Message, exception);
        }
        catch (HttpRequestException exception)
        {
            throw new ToolException($"it cannot be reached ({exception.HttpRequestError}).", exception);
        }
        catch (IOException exception)
        {
            throw new ToolException("the connection ended before the answer did.", exception);
        }
    }

    /// <summary>Says which of its caller's requests a request belongs to. The trace goes along by itself.</summary>
    public static void Identify(HttpRequestMessage request, ToolCall call)
    {
        if (call.RequestId is { } id)
        {
            request.Headers.TryAddWithoutValidation(RequestId.Header, id);
        }
    }

    private static ToolAnswer Interpret(byte[] body, string mediaType)
    {
        var isJson = mediaType is "application/json" or "text/json" || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
        if (!isJson && mediaType.Length > 0 && !mediaType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) && mediaType != "application/xml")
        {
            throw new ToolException($"it answered with {mediaType}; JSON or text is expected.");
        }

        if (body.Length == 0)
        {
            return new ToolAnswer(null, isJson);
        }

        if (!isJson)
        {
            return new ToolAnswer(JsonValue.Create(Encoding.UTF8.GetString(body)), false);
        }

        try
        {
            var value = JsonNode.Parse(body);
            return value.IsReadable() ? new ToolAnswer(value, true) : throw new ToolException("it answered JSON that has a key twice or broken text.");
        }
        catch (JsonException exception)
        {
            throw new ToolException("it answered something that is not JSON.", exception);
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > MaxBytes)
        {
            throw TooLarge();
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes + 1);
        try
        {
            var count = await stream.ReadAtLeastAsync(buffer.AsMemory(0, MaxBytes + 1), MaxBytes + 1, throwOnEndOfStream: false, cancellationToken);
            return count <= MaxBytes ? buffer[..count] : throw TooLarge();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    public static ToolException TooLarge() => new($"it answered more than {MaxBytes / 1024} KB.");

    private static string Describe(int status, byte[] body, IReadOnlyList<string> secrets)
    {
        if (status is >= 300 and < 400)
        {
            return $"it answered with a redirect ({status}), which is not followed; set url to where it leads.";
        }

        var said = Quote(Encoding.UTF8.GetString(body), secrets);
        return $"it answered with status {status}{(said.Length == 0 ? "." : ": " + said)}";
    }

    /// <summary>What a server said, on one line, short, and without what it was told in secret.</summary>
    public static string Quote(string said, IEnumerable<string> secrets)
    {
        foreach (var secret in secrets)
        {
            said = said.Replace(secret, "***", StringComparison.Ordinal);
        }

        said = said.ReplaceLineEndings(" ").Trim();
        return said.Length > MaxQuoted ? said[..MaxQuoted] + "…" : said;
    }

    /// <returns>Values that must not be shown.</returns>
    private static List<string> AddHeaders(HttpRequestMessage request, ToolDescriptor tool)
    {
        List<string> secrets = [];
        foreach (var (name, value) in ReadHeaders(tool))
        {
            // Refused here: the exceptions of header types repeat the value.
            if (value.Any(static character => character is < ' ' or > '~') || s_ownHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || !Add(request, name, value))
            {
                throw new ToolException($"the header \"{name}\" of its Secret cannot be sent.");
            }

            if (value.Length > 0)
            {
                secrets.Add(value);
            }
        }

        return secrets;
    }

    private static bool Add(HttpRequestMessage request, string name, string value)
    {
        if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
        {
            return Set(request.Headers, name, value);
        }

        return request.Content is null || Set(request.Content.Headers, name, value);

        static bool Set(HttpHeaders headers, string name, string value) =>
            name.All(static character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal))
            && (headers.Remove(name) | headers.TryAddWithoutValidation(name, value));
    }

    public static IReadOnlyList<KeyValuePair<string, string>> ReadHeaders(ToolDescriptor tool)
    {
        try
        {
            return tool.Headers();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ToolException("the Secret with its headers cannot be read.", exception);
        }
    }
}
