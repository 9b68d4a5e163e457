using Portal.Runner.Providers;

namespace Portal.Features.Models;

/// <summary>Manifests that set a provider up, to be copied and filled in.</summary>
internal static class ProviderExample
{
    public static string Of(IModelProvider provider, string @namespace)
    {
        var secret = provider.DefaultCredentialKeys is [var key, ..] ? $"stringData:\n  {key}: \"your key\"" : "stringData: {}";
        var address = provider.NeedsBaseUrl ? $"\n  extraConfig:\n    {provider.BaseUrlSetting}: \"https://your-server.example\"" : "";
        return $$"""
            apiVersion: v1
            kind: Secret
            metadata:
              name: {{provider.Name}}
              namespace: {{@namespace}}
            {{secret}}
            ---
            apiVersion: genkit.dev/v1alpha1
            kind: PluginConfig
            metadata:
              name: {{provider.Name}}
              namespace: {{@namespace}}
            spec:
              type: {{provider.Name}}
              credentialsRef:
                name: {{provider.Name}}{{address}}
            """;
    }
}
