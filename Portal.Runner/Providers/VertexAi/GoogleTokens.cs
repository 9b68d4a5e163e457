using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.VertexAi;

/// <summary>
/// Access tokens for keys, kept until shortly before they expire: https://developers.google.com/identity/protocols/oauth2/service-account.
/// A changed key is another key, so that rotation needs nothing else.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process, and a semaphore holds nothing until its wait handle is asked for.")]
internal sealed class GoogleTokens(HttpClient client, TimeProvider timeProvider)
{
    private const string DefaultTokenUrl = "https://oauth2.googleapis.com/token";
    private const string MachineTokenUrl = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
    private const int MaxAnswer = 64 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_early = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset Until)> _tokens = new();
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <exception cref="GenkitException">The key is wrong, or no token is to be had for it.</exception>
    public async ValueTask<string> GetAsync(GoogleCredential credential, CancellationToken cancellationToken)
    {
        if (credential.Token is { } given)
        {
            return given;
        }

        if (Kept(credential) is { } kept)
        {
            return kept;
        }

        // One asks, the others wait for what it gets.
        await _one.WaitAsync(cancellationToken);
        try
        {
            return Kept(credential) ?? await FetchAsync(credential, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    private string? Kept(GoogleCredential credential) =>
        _tokens.TryGetValue(credential.Id, out var entry) && entry.Until > timeProvider.GetUtcNow() ? entry.Token : null;

    private async Task<string> FetchAsync(GoogleCredential credential, CancellationToken cancellationToken)
    {
        using var limit = new IdleTimeout(s_limit, timeProvider, cancellationToken);
        try
        {
            using var message = MessageFor(credential);
            using var response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var body = await ReadAsync(response, limit.Token);
            return response.IsSuccessStatusCode && body.Member("access_token").Text() is { Length: > 0 } token
                ? Keep(credential, token, TimeSpan.FromSeconds(Math.Clamp(body.Member("expires_in").Count() ?? 0, 0, 86_400)))
                : throw Refused(credential, (int)response.StatusCode, body);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            throw new GenkitException(GenkitStatus.DeadlineExceeded, $"vertexai: no token came for the credential {credential.Name} within {s_limit.TotalSeconds} seconds.");
        }
        catch (HttpRequestException exception)
        {
            throw credential.Key is null
                ? new GenkitException(GenkitStatus.Unauthenticated, "No credential for provider \"vertexai\", and this machine has no service account of its own.", exception)
                : new GenkitException(GenkitStatus.Unavailable, $"vertexai: the server that gives tokens for the credential {credential.Name} cannot be reached.", exception);
        }
    }

    private string Keep(GoogleCredential credential, string token, TimeSpan lifetime)
    {
        var now = timeProvider.GetUtcNow();
        foreach (var (id, entry) in _tokens)
        {
            if (entry.Until <= now)
            {
                _tokens.TryRemove(id, out _);
            }
        }

        _tokens[credential.Id] = (token, now + lifetime - s_early);
        return token;
    }

    private HttpRequestMessage MessageFor(GoogleCredential credential)
    {
        if (credential.Key is not { } key)
        {
            return new HttpRequestMessage(HttpMethod.Get, MachineTokenUrl) { Headers = { { "Metadata-Flavor", "Google" } } };
        }

        var address = key["token_uri"].Text() ?? DefaultTokenUrl;
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
        {
            throw Wrong(credential, "its token_uri is not an https: address");
        }

        var form = key["type"].Text() switch
        {
            "service_account" => new Dictionary<string, string>
            {
                ["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ["assertion"] = Assertion(credential, key, address),
            },
            "authorized_user" => new Dictionary<string, string>
            {
                ["grant_type"] = "refresh_token",
                ["client_id"] = Required(credential, key, "client_id"),
                ["client_secret"] = Required(credential, key, "client_secret"),
                ["refresh_token"] = Required(credential, key, "refresh_token"),
            },
            _ => throw Wrong(credential, "its type is neither service_account nor authorized_user"),
        };
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = new FormUrlEncodedContent(form) };
    }

    private string Assertion(GoogleCredential credential, JsonObject key, string audience)
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = key["private_key_id"].Text() };
        var claims = new JsonObject
        {
            ["iss"] = Required(credential, key, "client_email"),
            ["scope"] = "https://www.googleapis.com/auth/cloud-platform",
            ["aud"] = audience,
            ["iat"] = now,
            ["exp"] = now + 3600,
        };
        var signed = $"{Encoded(header)}.{Encoded(claims)}";
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(Required(credential, key, "private_key"));
            return $"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Wrong(credential, "its private_key is not a PEM key");
        }
    }

    private static string Encoded(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static string Required(GoogleCredential credential, JsonObject key, string member) =>
        key[member].Text() is { Length: > 0 } value ? value : throw Wrong(credential, $"it has no {member}");

    private static GenkitException Wrong(GoogleCredential credential, string what) =>
        new(GenkitStatus.Unauthenticated, $"The credential {credential.Name} is a JSON key that cannot be used: {what}.");

    private static GenkitException Refused(GoogleCredential credential, int status, JsonNode? body)
    {
        var said = (body.Member("error_description") ?? body.Member("error")).Text() is { } text ? $": {text.ReplaceLineEndings(" ")}" : ".";
        return status is 429 or >= 500
            ? new GenkitException(GenkitStatus.Unavailable, $"vertexai: no token for the credential {credential.Name}, status {status}{said}")
            : new GenkitException(GenkitStatus.Unauthenticated, $"vertexai does not accept the credential {credential.Name}{said}");
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxAnswer];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            return ProviderAnswer.ParseNode(buffer.AsSpan(0, count));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
