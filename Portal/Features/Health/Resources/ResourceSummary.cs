using Portal.Components;
using Portal.Kubernetes.Objects;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Tools;

namespace Portal.Features.Health.Resources;

/// <summary>What matters of an object, for its page and for lists. Keys of Secrets are named, values never.</summary>
internal static class ResourceSummary
{
    /// <summary>Title and text, the most important first. An object that does not have its kind's shape has none.</summary>
    public static IEnumerable<(string Title, string Text)> FactsOf(KubeObject item)
    {
        try
        {
            return [.. Facts(item).Where(fact => !string.IsNullOrEmpty(fact.Text)).Select(fact => (fact.Title, fact.Text!))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>The one thing a list says of it; empty when there is none.</summary>
    public static string LineOf(KubeObject item) => FactsOf(item).Select(fact => fact.Text).FirstOrDefault("");

    private static IEnumerable<(string Title, string? Text)> Facts(KubeObject item) => item switch
    {
        Model model => [("Write in prompts", $"{model.Spec.Provider}/{model.Spec.Model}"), ("Provider object", model.Spec.PluginConfigRef.Name), ("Settings", model.Spec.DefaultConfig?.ToJsonString())],
        PluginConfig plugin =>
        [
            ("Type", plugin.Spec.Type), ("Secret", plugin.Spec.CredentialsRef.Name), ("Keys", string.Join(", ", plugin.Spec.CredentialKeys ?? [])), ("Region", plugin.Spec.Region),
        ],
        Tool tool => [("Answered by", tool.Status.ResolvedTarget), ("Told to models", tool.Spec.Definition?["description"]?.ToString())],
        Dataset dataset => [("Size", SizeOf(dataset)), ("Format", dataset.Spec.Format), ("Source", SourceOf(dataset.Spec.Source))],
        Eval eval =>
        [
            ("Result", EvalResult.Of(eval)?.Line), ("Measures", $"{eval.Spec.FlowRef.Kind ?? "Flow"} {eval.Spec.FlowRef.Name}"), ("With", $"Dataset {eval.Spec.DatasetRef.Name}"),
            ("By", string.Join(", ", eval.Spec.Metrics)), ("When", eval.Spec.Schedule is { Length: > 0 } schedule ? schedule : "once, and after every change"),
            ("Runs now", eval.Status.ActiveJob), ("Last run", eval.Status.LastRunTime),
        ],
        Portal.Operator.FlowSets.FlowSet set => [("Flows", $"{set.Status.ReadyFlows} of {set.Spec.Flows.Count} ready")],
        _ => [],
    };

    private static string SizeOf(Dataset dataset) => dataset.Status.SampleCount switch
    {
        null => "not read yet",
        -1 => "behind its address",
        { } count => Quantity.Of(count, "sample"),
    };

    private static string SourceOf(DatasetInput source) =>
        source.ConfigMapRef is { Name.Length: > 0 } map ? $"ConfigMap {map.Name}" : source.Uri is { Length: > 0 } uri ? uri : "written in the object";
}
