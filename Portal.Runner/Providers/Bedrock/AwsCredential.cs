using Portal.Runner.Aws;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Bedrock;

/// <summary>How requests to AWS are authorized: signed with a key pair, or with a Bedrock API key. Never printed.</summary>
internal sealed class AwsCredential
{
    public const string BearerTokenName = "AWS_BEARER_TOKEN_BEDROCK";

    /// <summary>A Bedrock API key; null when requests are signed.</summary>
    public string? BearerToken { get; init; }

    /// <summary>Null when a Bedrock API key authorizes.</summary>
    public AwsKeys? Keys { get; init; }

    /// <summary>What a provider's message must not repeat.</summary>
    public string Secret => BearerToken ?? Keys?.SessionToken ?? Keys?.SecretKey ?? "";

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
            Keys = new AwsKeys
            {
                AccessKey = Find(request, AwsKeys.AccessKeyName) ?? throw Missing(AwsKeys.AccessKeyName, request),
                SecretKey = Find(request, AwsKeys.SecretKeyName) ?? throw Missing(AwsKeys.SecretKeyName, request),
                SessionToken = Find(request, AwsKeys.SessionTokenName),
            },
        };
    }

    private static string? Find(ModelRequest request, string key) =>
        request.Credentials?.Find(key)?.Trim() is { Length: > 0 } value ? ProviderConnection.HeaderSafe(value, key) : null;

    private static GenkitException Missing(string key, ModelRequest request) => new(GenkitStatus.Unauthenticated,
        $"No credential {key} for provider \"bedrock\" in {request.Credentials?.Place ?? "the plugin's Secret"}: give {AwsKeys.AccessKeyName} and {AwsKeys.SecretKeyName}, or {BearerTokenName}.");
}
