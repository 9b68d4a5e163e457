namespace Portal.Runner.Providers;

/// <summary>Credentials from the process environment.</summary>
public sealed class EnvironmentCredentials : ICredentials
{
    public string Place => "the environment";

    public string? Find(string key) => Environment.GetEnvironmentVariable(key);
}
