namespace Portal.Components;

/// <summary>Addresses of the pages that show one object.</summary>
public static class ResourceLinks
{
    private static readonly HashSet<string> s_kinds = ["Flow", "FlowSet", "Prompt", "Model", "PluginConfig", "Tool", "Dataset", "Eval"];

    /// <summary>Null for kinds without a page, such as Secrets.</summary>
    public static string? To(string kind, string @namespace, string name, string? tab = null)
    {
        var path = !s_kinds.Contains(kind) ? null
            : kind == "Flow" ? $"/ns/{Uri.EscapeDataString(@namespace)}/flows/{Uri.EscapeDataString(name)}"
            : $"/ns/{Uri.EscapeDataString(@namespace)}/resources/{kind}/{Uri.EscapeDataString(name)}";
        return path is null || tab is null ? path : $"{path}?tab={tab}";
    }

    /// <summary>Where the object is changed; null for kinds that have no editor here.</summary>
    public static string? ToEditor(string kind, string @namespace, string name) =>
        kind == "Prompt" ? $"/ns/{Uri.EscapeDataString(@namespace)}/prompts/{Uri.EscapeDataString(name)}" : null;
}
