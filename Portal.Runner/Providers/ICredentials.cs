namespace Portal.Runner.Providers;

/// <summary>Credential values by key, from the environment, from files, or from a Secret.</summary>
public interface ICredentials
{
    /// <summary>The value, or null when there is none.</summary>
    string? Find(string key);

    /// <summary>Where was looked, for error messages: "the environment", "/genkit/flows/a/credentials", "Secret openai".</summary>
    string Place { get; }
}
