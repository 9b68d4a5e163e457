using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Providers;

/// <summary>Credentials that a test gives.</summary>
internal sealed class DictionaryCredentials(params (string Key, string Value)[] values) : ICredentials
{
    public string Place => "Secret test";

    public string? Find(string key) => values.FirstOrDefault(item => item.Key == key).Value;
}
