using System.Globalization;
using System.Net.Http.Headers;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Words for what goes wrong between us and one provider. Never holds the key, even when the provider repeats it.</summary>
internal sealed class ProviderFailures(IModelProvider owner, ModelRequest request)
{
    private const int MaxMessage = 500;
    private readonly string _provider = owner.Name;

    public GenkitException Hung(TimeSpan limit) => new(GenkitStatus.DeadlineExceeded,
        string.Create(CultureInfo.InvariantCulture, $"{_provider} sent nothing for {limit.TotalSeconds:0.###} seconds. extraConfig.idleTimeoutSeconds of the plugin sets the limit."));

    public GenkitException CutOff(Exception? inner) =>
        new(GenkitStatus.Unavailable, $"{_provider}: the connection ended before the answer did.", inner);

    public GenkitException Garbage(string expected, Exception? inner = null) =>
        new(GenkitStatus.Internal, $"{_provider} answered something that is not {expected}.", inner);

    public GenkitException BadArguments(string tool, Exception inner) =>
        new(GenkitStatus.Internal, $"{_provider}: the model asked for tool \"{tool}\" with arguments that are not JSON.", inner);

    public GenkitException ToolCallCutOff(string tool, Exception inner) =>
        new(GenkitStatus.Internal, $"{_provider}: the answer ended in the middle of a request of tool \"{tool}\". Raise config.maxOutputTokens.", inner);

    public GenkitException TooLarge(long bytes) => new(GenkitStatus.Internal, $"{_provider} answered more than {bytes} bytes.");

    public static GenkitException Config(string message) => new(GenkitStatus.InvalidArgument, message);

    public static GenkitException NoAddress(IModelProvider provider) =>
        Config($"No address for provider \"{provider.Name}\": set extraConfig.{provider.BaseUrlSetting} of the plugin{(provider.BaseUrlVariable is { } name ? $", or {name}" : "")}.");

    public GenkitException BadAddress() =>
        Config($"The provider's address (extraConfig.{owner.BaseUrlSetting} of the plugin, or the environment) is not an absolute http or https URL without a query.");

    /// <summary>A refusal with an HTTP status.</summary>
    public GenkitException FromStatus(int status, HttpResponseHeaders headers, JsonNode? body, DateTimeOffset now)
    {
        var said = MessageOf(body);
        return GoogleErrorDetails.IsInvalidKey(body) ? Fail(GenkitStatus.Unauthenticated, NotAccepted()) : status switch
        {
            // What the provider says to a wrong key often repeats part of it.
            401 when request.ApiKey is null => Fail(GenkitStatus.Unauthenticated, $"{_provider} asks for a credential at this address, and none is sent to it."),
            401 => Fail(GenkitStatus.Unauthenticated, NotAccepted()),
            403 when IsBadSignature(headers) => Fail(GenkitStatus.Unauthenticated, NotAccepted()),
            403 => Fail(GenkitStatus.PermissionDenied,
                $"{_provider} denies access to model \"{request.Model}\" {(request.CredentialKey is { } name ? $"with the credential {name}" : "without a credential")}{said}"),
            404 => Fail(GenkitStatus.NotFound, $"{_provider} has no model \"{request.Model}\", or nothing at this address{said}"),
            408 or 504 => Fail(GenkitStatus.DeadlineExceeded, $"{_provider} did not answer in time{said}"),
            429 => Fail(GenkitStatus.ResourceExhausted, $"{_provider} limits the rate or quota of calls{said}", RetryAfter(headers, now) ?? GoogleErrorDetails.RetryDelay(body)),
            >= 500 => Fail(GenkitStatus.Unavailable, $"{_provider} failed with status {status}{said}", RetryAfter(headers, now)),
            >= 400 => Fail(GenkitStatus.InvalidArgument, $"{_provider} refused the request with status {status}{said}"),
            _ => Fail(GenkitStatus.Unavailable, $"{_provider} answered with status {status}. Check extraConfig.{owner.BaseUrlSetting} of the plugin."),
        };

        GenkitException Fail(GenkitStatus mapped, string message, TimeSpan? retryAfter = null) => new(mapped, message)
        {
            RetryAfter = retryAfter,
            Details = new JsonObject { ["provider"] = _provider, ["providerStatus"] = status },
        };
    }

    /// <summary>AWS answers 403 to wrong and expired keys too; which it is, a header tells.</summary>
    private static bool IsBadSignature(HttpResponseHeaders headers) =>
        headers.TryGetValues("x-amzn-ErrorType", out var types) && types.First().Split(':')[0] is "UnrecognizedClientException" or "ExpiredTokenException"
            or "InvalidSignatureException" or "IncompleteSignatureException" or "MissingAuthenticationTokenException" or "InvalidClientTokenId";

    private string NotAccepted() => $"{_provider} does not accept the credential {request.CredentialKey ?? "it was given"}. Check the plugin's Secret.";

    /// <summary>An error that arrives inside a stream that had begun well.</summary>
    public GenkitException InStream(JsonNode? error)
    {
        var kind = error.Member("type").Text() ?? error.Member("code").Text() ?? error.Member("status").Text() ?? "";
        var status = kind switch
        {
            "rate_limit_error" or "rate_limit_exceeded" or "insufficient_quota" or "RESOURCE_EXHAUSTED"
                or "throttlingException" => GenkitStatus.ResourceExhausted,
            "authentication_error" or "UNAUTHENTICATED" => GenkitStatus.Unauthenticated,
            "permission_error" or "PERMISSION_DENIED" => GenkitStatus.PermissionDenied,
            "invalid_request_error" or "INVALID_ARGUMENT" or "validationException" => GenkitStatus.InvalidArgument,
            "timeout_error" or "DEADLINE_EXCEEDED" or "modelTimeoutException" => GenkitStatus.DeadlineExceeded,
            _ => GenkitStatus.Unavailable,
        };
        return new GenkitException(status, $"{_provider} failed while it answered{MessageOf(new JsonObject { ["error"] = error?.DeepClone() })}");
    }

    /// <summary>What the provider says, as the end of a sentence.</summary>
    private string MessageOf(JsonNode? body)
    {
        var message = (body.Member("error").Member("message") ?? body.Member("error") ?? body.Member("message")).Text();
        if (string.IsNullOrWhiteSpace(message))
        {
            return ".";
        }

        message = message.ReplaceLineEndings(" ").Trim();
        if (request.ApiKey is { Length: > 0 } key)
        {
            message = message.Replace(key, "***", StringComparison.Ordinal);
        }

        return ": " + (message.Length > MaxMessage ? string.Concat(message.AsSpan(0, MaxMessage), "…") : message);
    }

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers, DateTimeOffset now) => headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };
}
