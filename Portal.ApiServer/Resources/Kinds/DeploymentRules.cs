using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Deployments and ReplicaSets: the selector matches the template and does not change; containers have images.</summary>
internal sealed class DeploymentRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        var selector = spec["selector"] as JsonObject;
        if (selector is null || selector.Count == 0)
        {
            yield return FieldError.Required("spec.selector");
        }
        else if (Matches(selector, spec["template"]) is false)
        {
            yield return FieldError.Invalid(
                "spec.template.metadata.labels", spec["template"]?["metadata"]?["labels"], "`selector` does not match template `labels`");
        }

        foreach (var error in Containers.Problems(spec["template"]?["spec"] as JsonObject, "spec.template.spec"))
        {
            yield return error;
        }

        if (long.TryParse(spec["replicas"]?.ToString(), out var replicas) && replicas < 0)
        {
            yield return FieldError.Invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0");
        }

        if (old is not null && !JsonNode.DeepEquals(selector, old["spec"]?["selector"]))
        {
            yield return FieldError.Invalid("spec.selector", selector, "field is immutable");
        }
    }

    private static bool? Matches(JsonObject selector, JsonNode? template)
    {
        try
        {
            return template is JsonObject pod && LabelSelector.FromJson(selector).Matches(pod);
        }
        catch (SelectorException)
        {
            return false;
        }
    }
}

/// <summary>Containers of a pod template.</summary>
internal static class Containers
{
    public static IEnumerable<FieldError> Problems(JsonObject? pod, string path)
    {
        if (pod?["containers"] is not JsonArray { Count: > 0 } containers)
        {
            yield return FieldError.Required($"{path}.containers");
            yield break;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < containers.Count; index++)
        {
            var container = containers[index] as JsonObject ?? [];
            var name = container["name"]?.ToString() ?? "";
            if (name.Length == 0)
            {
                yield return FieldError.Required($"{path}.containers[{index}].name");
            }
            else if (!names.Add(name))
            {
                yield return FieldError.Duplicate($"{path}.containers[{index}].name", name);
            }

            if (string.IsNullOrEmpty(container["image"]?.ToString()))
            {
                yield return FieldError.Required($"{path}.containers[{index}].image");
            }
        }
    }
}
