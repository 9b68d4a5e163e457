using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>How requests to AWS are authorized: signed with a key pair, or with a Bedrock API key. Never printed.</summary>
internal sealed class AwsCredential
{
    public const string AccessKeyName = "AWS_ACCESS_KEY_ID";
    public const string SecretKeyName = "AWS_SECRET_ACCESS_KEY";
    public const string SessionTokenName = "AWS_SESSION_TOKEN";
    public const string BearerTokenName = "AWS_BEARER_TOKEN_BEDROCK";

    /// <summary>A Bedrock API key; null when requests are signed.</summary>
    public string? BearerToken { get; init; }
    public string AccessKey { get; init; } = "";
    public string SecretKey { get; init; } = "";
    public string? SessionToken { get; init; }

    /// <summary>What a provider's message must not repeat.</summary>
    public string Secret => BearerToken ?? SessionToken ?? SecretKey;

    /// <summary>A Bedrock API key comes first, as in AWS's own libraries.</summary>
    /// <exception cref="GenkitException">There is no key pair, or only half of one.</exception>
    public static AwsCredential Of(ModelRequest request)
    {
        if (Find(request, BearerTokenName) is { } token)
        {
            return new AwsCredential { BearerToken = token };
        }

        return new AwsCredential
        {
            AccessKey = Find(request, AccessKeyName) ?? throw Missing(AccessKeyName, request),
            SecretKey = Find(request, SecretKeyName) ?? throw Missing(SecretKeyName, request),
            SessionToken = Find(request, SessionTokenName),
        };
    }

    private static string? Find(ModelRequest request, string key) =>
        request.Credentials?.Find(key)?.Trim() is { Length: > 0 } value ? ProviderConnection.HeaderSafe(value, key) : null;

    private static GenkitException Missing(string key, ModelRequest request) => new(GenkitStatus.Unauthenticated,
        $"No credential {key} for provider \"bedrock\" in {request.Credentials?.Place ?? "the plugin's Secret"}: give {AccessKeyName} and {SecretKeyName}, or {BearerTokenName}.");
}
