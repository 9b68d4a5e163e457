using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portal.ApiServer.Handlers;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Admission;

/// <summary>
/// Asks webhooks over HTTPS, trusting for each the authority its configuration names. One that is named as a Service is reached at a ready endpoint of
/// it, and must show a certificate for <c>NAME.NAMESPACE.svc</c>.
/// </summary>
internal sealed class WebhookClient(ServiceEndpoints endpoints, TimeProvider timeProvider) : IDisposable
{
    private const int MaxAnswerBytes = 4 * 1024 * 1024;

    private static readonly HttpRequestOptionsKey<IPEndPoint> s_endpoint = new("endpoint");

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
            using var request = ToRequest(webhook);
            request.Content = content;
            using var answer = await client.SendAsync(request, either.Token);
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
        catch (Exception problem) when (problem is HttpRequestException or CryptographicException or FormatException or SocketException)
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

    private HttpRequestMessage ToRequest(Webhook webhook)
    {
        if (webhook.ClientConfig["service"] is JsonObject service)
        {
            return ToService(service);
        }

        return Uri.TryCreate(webhook.ClientConfig["url"]?.ToString(), UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? new HttpRequestMessage(HttpMethod.Post, address)
            : throw new WebhookFailedException("failed to call webhook: clientConfig.url must be an https address");
    }

    private HttpRequestMessage ToService(JsonObject service)
    {
        var (@namespace, name) = (service["namespace"]?.ToString() ?? "", service["name"]?.ToString() ?? "");
        var port = service["port"]?.ToString() ?? "443";
        var found = endpoints.FindBehind(@namespace, name, port)
            ?? throw new WebhookFailedException($"failed to call webhook: service \"{name}\" in namespace \"{@namespace}\" with port {port} not found");
        if (found.Count == 0)
        {
            throw new WebhookFailedException($"failed to call webhook: no endpoints available for service \"{name}\"");
        }

        // The name is what the certificate is checked against; where it goes is decided when a connection is made.
        var address = new Uri($"https://{name}.{@namespace}.svc:{port}/{service["path"]?.ToString().TrimStart('/')}");
        var request = new HttpRequestMessage(HttpMethod.Post, address);
        request.Options.Set(s_endpoint, found[Random.Shared.Next(found.Count)]);
        return request;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndPoint endpoint = context.InitialRequestMessage.Options.TryGetValue(s_endpoint, out var chosen) ? chosen : context.DnsEndPoint;
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
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
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ConnectCallback = ConnectAsync };
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
