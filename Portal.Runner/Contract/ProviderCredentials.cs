using System.Collections.Frozen;

namespace Portal.Runner.Contract;

/// <summary>
/// Which credentials a provider takes when its plugin names none: the one table that runner, operator and portal share. A type that is not
/// in it belongs to another runner, and nothing is known about its credentials.
/// </summary>
/// <param name="Alternatives">Sets of keys; any one set is enough, and without a set the machine may give the credential.</param>
/// <param name="Optional">Further keys that are read when they are there.</param>
public sealed record ProviderCredentials(IReadOnlyList<IReadOnlyList<string>> Alternatives, IReadOnlyList<string> Optional)
{
    private static readonly FrozenDictionary<string, ProviderCredentials> s_types = new Dictionary<string, ProviderCredentials>
    {
        ["anthropic"] = new([["ANTHROPIC_API_KEY"]], []),
        ["azureaifoundry"] = new([["AZURE_OPENAI_API_KEY"]], []),
        ["bedrock"] = new([["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], ["AWS_BEARER_TOKEN_BEDROCK"]], ["AWS_SESSION_TOKEN"]),
        ["demo"] = new([], []),
        ["googleai"] = new([["GEMINI_API_KEY"], ["GOOGLE_API_KEY"]], []),
        ["ollama"] = new([], []),
        ["openai"] = new([["OPENAI_API_KEY"]], []),
        ["vertexai"] = new([], ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_OAUTH_ACCESS_TOKEN"]),
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>All types that are known here, in lower case.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. s_types.Keys.Order(StringComparer.Ordinal)];

    /// <summary>All keys in the order they are tried.</summary>
    public IReadOnlyList<string> Keys { get; } = [.. Alternatives.SelectMany(static set => set), .. Optional];

    /// <param name="type">A plugin's type, in any case.</param>
    /// <returns>Null for a type that is not known here.</returns>
    public static ProviderCredentials? Of(string type) => s_types.GetValueOrDefault(type);
}
