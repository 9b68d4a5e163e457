using Portal.Components;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;

namespace Portal.Features.Flows.Chain;

/// <summary>What mends a broken link. Values of Secrets are placeholders: they never come from here.</summary>
internal static class Fixes
{
    private const int Named = 5;
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
        $"Create the {kind} \"{name}\" in \"{@namespace}\", or name another one of this namespace",
        kind switch
        {
            "Prompt" => $"/ns/{Uri.EscapeDataString(@namespace)}/prompts?new=1",
            "Model" => $"/ns/{Uri.EscapeDataString(@namespace)}/models",
            "PluginConfig" => $"/ns/{Uri.EscapeDataString(@namespace)}/providers",
            "Flow" or "FlowSet" => $"/ns/{Uri.EscapeDataString(@namespace)}/flows",
            _ => $"/ns/{Uri.EscapeDataString(@namespace)}/import",
        });

    /// <param name="flows">Names that would do.</param>
    public static Fix UnknownMember(string @namespace, string set, string member, IEnumerable<string> flows) => new(
        $"Name a flow that the FlowSet \"{set}\" has ({string.Join(", ", flows.Take(Named))}), or add \"{member}\" to it",
        ResourceLinks.To("FlowSet", @namespace, set));

    /// <summary>For an object whose own conditions say that it is broken, by their reason.</summary>
    public static Fix Own(string @namespace, string kind, string name, string? reason) => reason switch
    {
        ConditionReasons.Paused => new($"Let the {kind} \"{name}\" go on", Command: $"kubectl -n {@namespace} patch {kind.ToLowerInvariant()} {name} --type merge -p '{{\"spec\":{{\"paused\":false}}}}'"),
        ConditionReasons.NameConflict => new($"Give the {kind} another name, or delete the object that has it"),
        ConditionReasons.GatewayApiMissing => new("Install the Gateway API in the cluster, or take the route out of the spec"),
        ConditionReasons.RunFailed or ConditionReasons.FlowBroken => new("Read the log of its pods", ResourceLinks.To(kind, @namespace, name, "pods")),
        ConditionReasons.InvalidDocument when kind != "Prompt" => new("Correct the prompt that it names", Command: $"kubectl -n {@namespace} edit {kind.ToLowerInvariant()} {name}"),
        _ when ResourceLinks.ToEditor(kind, @namespace, name) is { } editor => new($"Mend the {kind} \"{name}\"", editor),
        _ => new($"Correct the spec of the {kind} \"{name}\"", Command: $"kubectl -n {@namespace} edit {kind.ToLowerInvariant()} {name}"),
    };

    /// <summary>By what its pod waits for.</summary>
    public static Fix OfPod(string @namespace, KubeObject owner, PodSummary pod) => pod.State switch
    {
        "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" => new(
            $"Correct spec.image of the {owner.Kind} \"{owner.Name}\" (\"{owner.Json["spec"]?["image"]}\"), or let the cluster pull it",
            Command: $"kubectl -n {@namespace} edit {owner.Kind.ToLowerInvariant()} {owner.Name}"),
        "Unschedulable" => new("Give the cluster a node that has room for the pod", ResourceLinks.To(owner.Kind, @namespace, owner.Name, "events")),
        "CreateContainerConfigError" or "CreateContainerError" or "Pending" => new("Give the pod what its events ask for", ResourceLinks.To(owner.Kind, @namespace, owner.Name, "events")),
        _ => new("Read the pod's log", ResourceLinks.To(owner.Kind, @namespace, owner.Name, "pods")),
    };

    public static Fix Look(string @namespace, string kind, string name) =>
        new($"Look at the {kind} \"{name}\"", ResourceLinks.To(kind, @namespace, name));

    /// <summary>Such as <c>"A"</c>, or <c>"A" and "B"</c>.</summary>
    public static string Quoted(IEnumerable<string> names) => string.Join(" and ", names.Select(name => $"\"{name}\""));
}
