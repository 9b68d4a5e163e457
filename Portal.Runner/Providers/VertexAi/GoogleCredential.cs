using System.Security.Cryptography;
using System.Text;
using Portal.Runner.Engine;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.VertexAi;

/// <summary>What a token is asked with. Never printed: it holds a private key.</summary>
/// <param name="name">Name of the credential, for error messages.</param>
/// <param name="token">An access token that was given as it is; else null.</param>
/// <param name="key">A JSON key; null for a token, or for the machine's own account.</param>
internal sealed class GoogleCredential(string? name, string? token, JsonObject? key)
{
    private const int MaxFile = 1024 * 1024;
    private string? _id;

    public string Name { get; } = name ?? "of this machine";
    public string? Token { get; } = token;
    public JsonObject? Key { get; } = key;
    public string? ProjectId => Key.Member("project_id").Text() ?? Key.Member("quota_project_id").Text();

    /// <summary>Another for each key.</summary>
    public string Id => _id ??= Key is null ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key.ToJsonString())));

    /// <exception cref="GenkitException">The credential cannot be read, or is of no known kind.</exception>
    public static GoogleCredential Of(ModelRequest request)
    {
        if (request.ApiKey is not { } value)
        {
            // Elsewhere than in a flow's own process, the machine is not the one of who configured the plugin.
            return request.Credentials is EnvironmentCredentials or DirectoryCredentials
                ? new GoogleCredential(null, null, null)
                : throw new GenkitException(GenkitStatus.Unauthenticated, "No credential for provider \"vertexai\": the plugin's Secret has none.");
        }

        // For the same reason, a path is one only where the process's own environment says it.
        var text = value.StartsWith('/') && request.Credentials is EnvironmentCredentials ? ReadFile(value, request.CredentialKey) : value;
        if (!text.StartsWith('{'))
        {
            return new GoogleCredential(request.CredentialKey, ProviderConnection.HeaderSafe(text, request.CredentialKey), null);
        }

        try
        {
            return new GoogleCredential(request.CredentialKey, null, ProviderAnswer.ParseNode(Encoding.UTF8.GetBytes(text)) as JsonObject);
        }
        catch (JsonException)
        {
            // The exception may repeat a part of the key.
            throw new GenkitException(GenkitStatus.Unauthenticated, $"The credential {request.CredentialKey} begins like a JSON key and is none.");
        }
    }

    private static string ReadFile(string path, string? credentialKey)
    {
        try
        {
            return new FileInfo(path).Length <= MaxFile ? File.ReadAllText(path).Trim()
                : throw new GenkitException(GenkitStatus.Unauthenticated, $"The file that the credential {credentialKey} names is too large for a key.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new GenkitException(GenkitStatus.Unauthenticated, $"The file that the credential {credentialKey} names cannot be read.", exception);
        }
    }
}
