using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Portal.Features.Notifications;

/// <summary>Posts messages as JSON, signed when a key is configured.</summary>
internal sealed class WebhookSender(WebhookNetwork network, WebhookVault vault, PortalOptions options, TimeProvider clock) : IDisposable
{
    public const string IdHeader = "X-GenkitPortal-Delivery";
    public const string TimeHeader = "X-GenkitPortal-Timestamp";

    /// <summary><c>sha256=</c> and HMAC-SHA256 in hexadecimal over the timestamp, a dot, and the body.</summary>
    public const string SignatureHeader = "X-GenkitPortal-Signature";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly HttpMessageInvoker _client = new(network.CreateHandler());
    private readonly byte[]? _key = options.Notifications.WebhookKey is { } key ? Encoding.UTF8.GetBytes(key) : null;

    /// <param name="id">Tells the receiver what comes twice.</param>
    /// <param name="encrypted">Address, as the vault keeps it.</param>
    /// <param name="payload">JSON.</param>
    /// <param name="cancellationToken">Whether it was taken is not known then.</param>
    public async Task<DeliveryResult> SendAsync(string id, string encrypted, string payload, CancellationToken cancellationToken)
    {
        if (vault.Open(encrypted) is not { } address)
        {
            return new DeliveryResult("The address of the webhook cannot be read any more; write it anew.", IsFinal: true);
        }

        using var limit = new CancellationTokenSource(s_limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = Body(payload) };
            Sign(request, id, payload);
            using var response = await _client.SendAsync(request, either.Token);
            var status = (int)response.StatusCode;
            return response.IsSuccessStatusCode ? DeliveryResult.Sent
                : new DeliveryResult($"{address.Authority} answered {status}.", IsFinal: status is >= 300 and < 500 and not (408 or 425 or 429));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryResult($"{address.Authority} did not answer in time.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new DeliveryResult(exception.InnerException is HttpRequestException { Message: var refusal } ? refusal : exception.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private static ByteArrayContent Body(string payload) =>
        new(Encoding.UTF8.GetBytes(payload)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json", "utf-8") } };

    private void Sign(HttpRequestMessage request, string id, string payload)
    {
        var time = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.UserAgent.ParseAdd("GenkitPortal");
        request.Headers.Add(IdHeader, id);
        request.Headers.Add(TimeHeader, time);
        if (_key is not null)
        {
            request.Headers.Add(SignatureHeader, "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{time}.{payload}"))));
        }
    }
}
