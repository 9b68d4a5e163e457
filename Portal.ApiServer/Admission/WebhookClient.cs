using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portal.ApiServer.Handlers;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Admission;

/// <summary>Asks webhooks over HTTPS, trusting for each the authority its configuration names.</summary>
internal sealed class WebhookClient(TimeProvider timeProvider) : IDisposable
{
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, HttpClient> _clients = new(StringComparer.Ordinal);

    /// <summary>Sends an AdmissionReview and returns its <c>response</c>.</summary>
    /// <exception cref="WebhookFailedException">No valid answer came in time.</exception>
    public async Task<JsonObject> AskAsync(Webhook webhook, JsonObject review, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(webhook.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            var client = _clients.GetOrAdd(webhook.ClientConfig["caBundle"]?.ToString() ?? "", Create);
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(review, KubernetesJson.Options));
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaType.Json);
            using var answer = await client.PostAsync(Address(webhook), content, either.Token);
            if (!answer.IsSuccessStatusCode)
            {
                throw new WebhookFailedException($"failed to call webhook: it answered with status {(int)answer.StatusCode}");
            }

            return Read(await answer.Content.ReadAsByteArrayAsync(either.Token), review);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new WebhookFailedException($"failed to call webhook: no answer within {webhook.Timeout.TotalSeconds:0} s");
        }
        catch (Exception problem) when (problem is HttpRequestException or CryptographicException or FormatException)
        {
            throw new WebhookFailedException($"failed to call webhook: {problem.GetBaseException().Message}");
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private static Uri Address(Webhook webhook)
    {
        if (webhook.ClientConfig["url"]?.ToString() is not { } url)
        {
            throw new WebhookFailedException("failed to call webhook: this server has no network of Services, use clientConfig.url");
        }

        return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new WebhookFailedException("failed to call webhook: clientConfig.url must be an https address");
    }

    private static JsonObject Read(byte[] bytes, JsonObject review)
    {
        JsonObject? answer;
        try
        {
            answer = JsonNode.Parse(bytes) as JsonObject;
        }
        catch (JsonException)
        {
            answer = null;
        }

        var response = answer?["response"] as JsonObject ?? throw new WebhookFailedException("received invalid webhook response: it has no response");
        var expected = review["request"]!["uid"]!.ToString();
        var given = response["uid"]?.ToString() ?? "";
        return given == expected
            ? response
            : throw new WebhookFailedException($"received invalid webhook response: expected response.uid=\"{expected}\", got \"{given}\"");
    }

    private static HttpClient Create(string caBundle)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        if (caBundle.Length > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(caBundle)));
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        return new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswerBytes };
    }
}

/// <summary>A webhook gave no valid answer.</summary>
internal sealed class WebhookFailedException(string message) : Exception(message);
