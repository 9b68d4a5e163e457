using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Sends requests to providers and turns every way that can fail into a <see cref="GenkitException"/>.</summary>
internal sealed partial class ProviderConnection(HttpClient client, TimeProvider timeProvider)
{
    private const int MaxErrorBytes = 64 * 1024;
    private static readonly MediaTypeHeaderValue s_json = new("application/json", "utf-8");
    private static readonly MediaTypeWithQualityHeaderValue s_acceptEvents = new("text/event-stream");
    private static readonly MediaTypeWithQualityHeaderValue s_acceptJson = new("application/json");
    private static readonly TimeSpan s_streamLimit = TimeSpan.FromSeconds(60);

    // A whole answer comes after minutes of silence when it is long.
    private static readonly TimeSpan s_wholeLimit = TimeSpan.FromMinutes(5);

    // Prompts are for a model to read, not for a page: text stays as short as it is.
    private static readonly JsonSerializerOptions s_short = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Posts <paramref name="body"/> to <paramref name="path"/> below the provider's address; returns once its headers say success.</summary>
    /// <param name="provider">Who is asked.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="officialUrl">The vendor's own address; null when it has none.</param>
    /// <param name="path">Path and query, escaped.</param>
    /// <param name="body">The request in the vendor's words.</param>
    /// <param name="authorize">Adds the credential to the message, whose body is the bytes given beside it.</param>
    /// <param name="cancellationToken">Closes the connection.</param>
    /// <exception cref="GenkitException">The provider refused, failed, or did not answer in time.</exception>
    public async Task<ProviderAnswer> PostAsync(
        IModelProvider provider, ModelRequest request, string? officialUrl, string path, JsonObject body, Action<HttpRequestMessage, byte[]> authorize, CancellationToken cancellationToken)
    {
        var failures = new ProviderFailures(provider, request);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, s_short);
        using var message = new HttpRequestMessage(HttpMethod.Post, Address(request.BaseUrl ?? officialUrl ?? throw ProviderFailures.NoAddress(provider), path, failures))
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = s_json } },
            Version = HttpVersion.Version20, // where TLS agrees on it; else 1.1
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        authorize(message, bytes);
        if (message.Headers.Accept.Count == 0)
        {
            message.Headers.Accept.Add(request.Stream ? s_acceptEvents : s_acceptJson);
        }

        var idle = new IdleTimeout(LimitOf(request), timeProvider, cancellationToken);
        try
        {
            var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, idle.Token);
            var stream = new AnswerStream(await response.Content.ReadAsStreamAsync(idle.Token), idle, failures);
            var answer = new ProviderAnswer(response, stream, idle, failures);
            if (!response.IsSuccessStatusCode)
            {
                using (answer)
                {
                    throw failures.FromStatus((int)response.StatusCode, response.Headers, await ReadErrorAsync(stream, cancellationToken), timeProvider.GetUtcNow());
                }
            }

            return answer;
        }
        catch (OperationCanceledException) when (idle.HasExpired)
        {
            idle.Dispose();
            throw failures.Hung(idle.Limit);
        }
        catch
        {
            idle.Dispose();
            throw;
        }
    }

    /// <summary>Text of an error answer as JSON; null when it is none or cannot be read, since the status says enough.</summary>
    private static async Task<JsonNode?> ReadErrorAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxErrorBytes);
        try
        {
            var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return JsonNode.Parse(buffer.AsSpan(0, count));
        }
        catch (Exception exception) when (exception is JsonException or GenkitException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Uri Address(string baseUrl, string path, ProviderFailures failures)
    {
        var trimmed = baseUrl.Trim().TrimEnd('/');

        // Vendors differ in whether the version is part of the address; whichever way it was written is right.
        if (LeadingVersion().Match(path) is { Success: true } version && TrailingVersion().IsMatch(trimmed))
        {
            path = path[version.Length..];
        }

        // A query or fragment would swallow the path.
        return trimmed.AsSpan().IndexOfAny('?', '#') < 0 && Uri.TryCreate(trimmed + path, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw failures.BadAddress();
    }

    [GeneratedRegex("^/v[0-9]+[a-z0-9]*(?=/)")]
    private static partial Regex LeadingVersion();

    [GeneratedRegex("/v[0-9]+[a-z0-9]*$")]
    private static partial Regex TrailingVersion();

    private static TimeSpan LimitOf(ModelRequest request)
    {
        if (request.Plugin?.ExtraConfig?["idleTimeoutSeconds"] is not { } configured)
        {
            return request.Stream ? s_streamLimit : s_wholeLimit;
        }

        return configured.Number() is { } seconds and > 0 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw ProviderFailures.Config("extraConfig.idleTimeoutSeconds of the plugin must be a number above 0 and up to 3600.");
    }

    /// <summary>The key of a request, as a header can hold it.</summary>
    /// <exception cref="GenkitException">It cannot. Refused here: the exceptions of header types repeat the value.</exception>
    public static string? HeaderSafe(ModelRequest request) => HeaderSafe(request.ApiKey, request.CredentialKey);

    /// <inheritdoc cref="HeaderSafe(ModelRequest)"/>
    public static string? HeaderSafe(string? value, string? credentialKey) =>
        value is null || !value.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? value
            : throw new GenkitException(GenkitStatus.Unauthenticated, $"The credential {credentialKey} holds spaces or characters that no key has.");
}
