using Portal.Runner.Providers;

namespace Portal.Features.Models;

/// <summary>Manifests that set a provider up, to be copied and filled in.</summary>
internal static class ProviderExample
{
    public static string Of(IModelProvider provider, string @namespace)
    {
        var keys = provider.UsualCredentialKeys.Select(static key => $"\n  {key}: \"your key\"").ToList();
        var secret = "stringData:" + (keys.Count > 0 ? string.Concat(keys) : " {}");
        var settings = provider.UsualSettings.Select(static setting => $"\n    {setting.Name}: \"{setting.Example}\"").ToList();
        var extraConfig = settings.Count > 0 ? "\n  extraConfig:" + string.Concat(settings) : "";
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
                name: {{provider.Name}}{{extraConfig}}
            """;
    }
}
