using System.Buffers;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Portal.Auth;
using Portal.Endpoints;
using Portal.Operator.Flows;

namespace Portal.Features.Flows.Proxy;

/// <summary>
/// Calls a flow on behalf of a client: body and answer pass as they are, the answer flushed as it comes; a client that leaves cancels the call.
/// Only the headers listed here cross, so neither cookies nor credentials of the portal reach a flow.
/// </summary>
internal sealed partial class FlowProxy(FlowDirectory directory, FlowCaller caller, TimeProvider clock, ILogger<FlowProxy> logger, IFlowCallListener? listener = null)
{
    private const int MaxBodyBytes = 1024 * 1024;
    private const int CopyBytes = 16 * 1024;

    /// <summary>So many bytes of an answer are given to a listener.</summary>
    public const int LongestKept = 256 * 1024;

    private static readonly string[] s_requestHeaders =
        ["Accept", "Accept-Language", "Idempotency-Key", "Last-Event-ID", "User-Agent", "X-Genkit-Caller", "X-Genkit-Team", "X-Request-Id"];

    private static readonly string[] s_traceHeaders = ["traceparent", "tracestate"];

    private static readonly string[] s_responseHeaders =
        ["Cache-Control", "Content-Type", "Content-Language", "Retry-After", "X-Content-Type-Options", "X-Request-Id"];

    /// <param name="context">The client's request.</param>
    /// <param name="namespace">Namespace of the flow.</param>
    /// <param name="name">Name of the flow.</param>
    /// <param name="route">Path on the runner: the flow's name, or that of one of its prompts.</param>
    public async Task CallAsync(HttpContext context, string @namespace, string name, string route)
    {
        if (directory.Find(@namespace, name) is not { } flow)
        {
            await ProblemAsync(context, StatusCodes.Status404NotFound, $"There is no flow \"{name}\" in the namespace \"{@namespace}\".");
            return;
        }

        if (await ReadBodyAsync(context) is not { } body)
        {
            return;
        }

        var path = Uri.EscapeDataString(route) + context.Request.QueryString.ToUriComponent();
        var (begun, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        try
        {
            using var response = await caller.SendAsync(flow, path, body, request => Prepare(context, request), context.RequestAborted);
            if (response is null)
            {
                await UnavailableAsync(context, flow);
                return;
            }

            using var kept = listener is not null && await listener.WantsAsync(@namespace) ? new MemoryStream() : null;
            await AnswerAsync(context, flow, response, kept);
            if (kept is not null)
            {
                var user = context.RequestServices.GetService<CurrentUser>();
                await listener!.KeepAsync(new FlowCall(
                    IdOf(response), @namespace, name, route, user?.IsSignedIn == true ? user.Actor.Name : null, user?.IsSignedIn == true ? user.Actor.Id : null, begun, clock.GetElapsedTime(started),
                    (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body, kept.ToArray()));
            }
        }
        catch (HttpRequestException exception)
        {
            // It may have begun to work, so another endpoint is not asked: whoever called knows whether twice is right.
            Log.BrokeOff(logger, flow.Name, exception.Message);
            await ProblemAsync(context, StatusCodes.Status502BadGateway, $"The flow \"{flow.Name}\" broke off before it answered. Its pod's log may tell why.");
        }
    }

    // The whole body before the first byte goes out: it is small, and a pod that is just going away must not cost the call.
    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        try
        {
            using var buffer = new MemoryStream();
            await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
            return buffer.ToArray();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await ProblemAsync(context, StatusCodes.Status413PayloadTooLarge, "The body is larger than 1 MiB, the most a flow takes.");
            return null;
        }
    }

    private static void Prepare(HttpContext context, HttpRequestMessage to)
    {
        var from = context.Request;
        if (context.RequestServices.GetRequiredService<CurrentUser>().Actor is { Kind: ActorKind.Token } token && !token.Name.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            to.Headers.TryAddWithoutValidation("X-Genkit-Token", token.Name);
        }

        if (from.ContentType is { } type)
        {
            to.Content!.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        // Where this portal tells of the request, the runner's span is below it, and not beside it.
        if (RequestSpans.Of(from.HttpContext) is { Id: { } span } told)
        {
            to.Headers.TryAddWithoutValidation("traceparent", span);
            to.Headers.TryAddWithoutValidation("tracestate", told.TraceStateString);
        }
        else
        {
            Copy(from.Headers, s_traceHeaders, to);
        }

        Copy(from.Headers, s_requestHeaders, to);
    }

    private static void Copy(IHeaderDictionary from, string[] names, HttpRequestMessage to)
    {
        foreach (var name in names)
        {
            if (from.TryGetValue(name, out var values))
            {
                to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
    }

    /// <summary>An id that is longer than one can be is none.</summary>
    internal static string? IdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-genkit-call-id", out var values) && values.FirstOrDefault() is { Length: > 0 and <= 64 } id ? id : null;

    /// <param name="kept">Gets the beginning of the answer; null when nobody wants it.</param>
    private async Task AnswerAsync(HttpContext context, Flow flow, HttpResponseMessage response, MemoryStream? kept)
    {
        if (response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable && await IsFromApiServerAsync(response, context.RequestAborted))
        {
            await UnavailableAsync(context, flow);
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        Copy(response.Headers, context.Response.Headers);
        Copy(response.Content.Headers, context.Response.Headers);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            int read;
            while ((read = await content.ReadAsync(buffer, context.RequestAborted)) > 0)
            {
                await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                kept?.Write(buffer, 0, (int)Math.Min(read, LongestKept - kept.Length));
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // Half an answer must not look like a whole one.
            Log.BrokeOff(logger, flow.Name, exception.Message);
            context.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // An API server whose proxy finds no pod answers in its own form, which means nothing to the caller of a flow.
    private static async Task<bool> IsFromApiServerAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return false;
        }

        await response.Content.LoadIntoBufferAsync(MaxBodyBytes, cancellationToken);
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken))?["kind"]?.ToString() == "Status";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void Copy(HttpHeaders from, IHeaderDictionary to)
    {
        foreach (var (name, values) in from.NonValidated)
        {
            if (s_responseHeaders.Contains(name, StringComparer.OrdinalIgnoreCase) || name.StartsWith("x-genkit-", StringComparison.OrdinalIgnoreCase))
            {
                to[name] = new StringValues([.. values]);
            }
        }
    }

    private Task UnavailableAsync(HttpContext context, Flow flow)
    {
        context.Response.Headers.RetryAfter = "1";
        var verdict = FlowVerdict.Of(flow, directory);
        return ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, $"The flow \"{flow.Name}\" is not ready: {verdict.Sentence}");
    }

    private static Task ProblemAsync(HttpContext context, int status, string detail) => Results.Problem(detail, statusCode: status).ExecuteAsync(context);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The answer of flow {Flow} broke off: {Reason}")]
        public static partial void BrokeOff(ILogger logger, string flow, string reason);
    }
}
