using Portal.Components;
namespace Portal.Features.Flows.Chain;

/// <summary>What mends a broken link. Values of Secrets are placeholders: they never come from here.</summary>
internal static class Fixes
{
    private const string Placeholder = "YOUR_VALUE";

    /// <param name="keys">Sets of keys, any of which is enough; may be none.</param>
    public static Fix MissingSecret(string @namespace, string name, IReadOnlyList<IReadOnlyList<string>> keys)
    {
        var first = keys is [var some, ..] ? some : [];
        return new Fix(
            first.Count == 0 ? $"Create the Secret \"{name}\"" : $"Create the Secret \"{name}\" with the key {Quoted(first)}",
            Command: $"kubectl -n {@namespace} create secret generic {name}{string.Concat(first.Select(key => $" --from-literal={key}={Placeholder}"))}");
    }

    public static Fix MissingKeys(string @namespace, string secret, IReadOnlyList<IReadOnlyList<string>> keys)
    {
        var first = keys[0];
        var data = string.Join(',', first.Select(key => $"\"{key}\":\"{Placeholder}\""));
        return new Fix(
            $"Add the key {Quoted(first)} to the Secret \"{secret}\"",
            Command: $"kubectl -n {@namespace} patch secret {secret} --type merge -p '{{\"stringData\":{{{data}}}}}'");
    }

    public static Fix MissingObject(string @namespace, string kind, string name) => new(
        $"Create the {kind} \"{name}\", or name another one",
        kind switch
        {
            "Prompt" => $"/ns/{Uri.EscapeDataString(@namespace)}/prompts?new=1",
            "Model" => $"/ns/{Uri.EscapeDataString(@namespace)}/models",
            "PluginConfig" => $"/ns/{Uri.EscapeDataString(@namespace)}/providers",
            "Flow" or "FlowSet" => $"/ns/{Uri.EscapeDataString(@namespace)}/flows",
            _ => null,
        });

    public static Fix Look(string @namespace, string kind, string name) =>
        new($"Look at the {kind} \"{name}\"", ResourceLinks.To(kind, @namespace, name));

    /// <summary>Such as <c>"A"</c>, or <c>"A" and "B"</c>.</summary>
    public static string Quoted(IEnumerable<string> names) => string.Join(" and ", names.Select(name => $"\"{name}\""));
}
