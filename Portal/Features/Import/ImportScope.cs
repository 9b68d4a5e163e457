using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Features.Import;

/// <summary>Which objects are for the importer, and whether they are whole enough to be looked at.</summary>
internal static class ImportScope
{
    public static IReadOnlyDictionary<string, ResourceDefinition> Kinds { get; } = new[]
    {
        Dataset.Definition, Eval.Definition, Flow.Definition, FlowSet.Definition, Model.Definition, PluginConfig.Definition, Prompt.Definition, Tool.Definition,
    }.ToDictionary(definition => definition.Kind, StringComparer.Ordinal);

    /// <summary>Null when the importer takes it.</summary>
    public static string? WhyLeftOut(JsonObject manifest)
    {
        var (version, kind) = (manifest["apiVersion"]?.ToString() ?? "", manifest["kind"]?.ToString() ?? "");
        if (version.Split('/') is [GenkitApi.Group, _])
        {
            return null;
        }

        return ManifestCleaner.IsChild(manifest) ? "an operator made it; this one makes its own"
            : version == "v1" && kind == "Secret" ? "Secrets are not imported: apply it with kubectl, so that its values pass through no other hands"
            : Kinds.ContainsKey(kind) && version.Length == 0 ? null
            : "it is not of the group genkit.dev: apply it with kubectl";
    }

    public static ImportProblem? FindMistake(JsonObject manifest, IReadOnlyList<string> duplicates)
    {
        var (version, kind) = (manifest["apiVersion"]?.ToString(), manifest["kind"]?.ToString() ?? "");
        if (version != GenkitApi.ApiVersion)
        {
            return new("apiVersion", version is null ? "it is missing" : $"\"{version}\" is not served", $"write {GenkitApi.ApiVersion}");
        }

        if (!Kinds.ContainsKey(kind))
        {
            return new("kind", kind.Length == 0 ? "it is missing" : $"\"{kind}\" is not a kind of this group", $"use one of {string.Join(", ", Kinds.Keys.Order(StringComparer.Ordinal))}");
        }

        if (duplicates.Count > 0)
        {
            return new(duplicates[0], "it is there twice", "remove one of them");
        }

        return (manifest["metadata"] as JsonObject)?["name"] is JsonValue name && name.GetValueKind() == JsonValueKind.String && name.ToString().Length > 0
            ? null
            : new("metadata.name", "it is missing, or not a text", "give the object a name");
    }
}
