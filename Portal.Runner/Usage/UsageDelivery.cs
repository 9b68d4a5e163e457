using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Portal.Runner.Contract;

namespace Portal.Runner.Usage;

/// <summary>How an attempt to deliver a batch ended.</summary>
/// <param name="Result">What to do with the batch.</param>
/// <param name="Problem">Why it was not taken; holds no secret.</param>
/// <param name="RetryAfter">How long the portal asked to wait.</param>
/// <param name="Receipt">What the portal made of the records; null unless it took the batch.</param>
internal sealed record DeliveryAnswer(DeliveryResult Result, string? Problem = null, TimeSpan? RetryAfter = null, UsageReceipt? Receipt = null);

internal enum DeliveryResult
{
    Taken,

    /// <summary>The portal is away, busy, or does not accept the token: the same batch may be taken later.</summary>
    Later,

    /// <summary>The portal cannot take this batch, now or later; a smaller one it may.</summary>
    Refused,
}

/// <summary>Sends batches to the portal.</summary>
internal sealed class UsageDelivery(UsageOptions options, HttpMessageInvoker client, TimeProvider timeProvider)
{
    private const int MaxProblem = 300;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);

    public static HttpMessageInvoker CreateClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // a redirect would carry the token to another host
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = null,
    });

    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; whether the portal took the batch is not known.</exception>
    public async Task<DeliveryAnswer> SendAsync(SpoolBatch batch, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(s_limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, options.Address) { Content = Body(batch) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ReadToken());
            using var response = await client.SendAsync(request, either.Token);
            return await ReadAsync(response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(DeliveryResult.Later, "it did not answer in time");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or UnauthorizedAccessException or FormatException)
        {
            return new(DeliveryResult.Later, exception.Message);
        }
    }

    private ByteArrayContent Body(SpoolBatch batch)
    {
        var head = Encoding.UTF8.GetBytes($$"""{"sentAt":"{{timeProvider.GetUtcNow():O}}","records":[""");
        byte[] body = [.. head, .. batch.Records, .. "]}"u8];
        return new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
    }

    private async Task<DeliveryAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return await ReadReceiptAsync(response, cancellationToken);
        }

        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var problem = $"it answered {(int)response.StatusCode}{(text.Length > 0 ? ": " : "")}{text[..Math.Min(text.Length, MaxProblem)].ReplaceLineEndings(" ")}";
        return response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity
            ? new(DeliveryResult.Refused, problem)
            : new(DeliveryResult.Later, problem, RetryAfterOf(response));
    }

    /// <summary>Whoever answers 200 with something else is no portal: the records stay.</summary>
    private static async Task<DeliveryAnswer> ReadReceiptAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, UsageJson.Default.UsageReceipt, cancellationToken) is { } receipt
                ? new(DeliveryResult.Taken, Receipt: receipt)
                : new(DeliveryResult.Later, "its answer is no receipt");
        }
        catch (JsonException)
        {
            return new(DeliveryResult.Later, "its answer is no receipt");
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - timeProvider.GetUtcNow(),
        _ => null,
    };
}
