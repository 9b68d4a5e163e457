using System.Text.Encodings.Web;
using Portal.Dotprompt.Documents;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Models;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Prompts;
using Portal.Operator.Tools;

namespace Portal.Features.Releases;

/// <summary>The kinds that can be released, and what of an object is its content: a prompt's document, of the others the spec as JSON.</summary>
public static class ReleaseKinds
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private static readonly Kind[] s_kinds =
    [
        Of<PluginConfig>(), Of<Model>(), Of<Dataset>(), Of<Tool>(), Of<Prompt>(), Of<Flow>(), Of<FlowSet>(), Of<Eval>(),
    ];

    /// <summary>In the order they are applied: what others refer to comes first.</summary>
    public static IReadOnlyList<ResourceDefinition> All { get; } = [.. s_kinds.Select(kind => kind.Definition)];

    public static ResourceDefinition? Find(string kind) => All.FirstOrDefault(definition => definition.Kind == kind);

    public static int Order(string kind) => Array.FindIndex(s_kinds, item => item.Definition.Kind == kind);

    /// <summary>An object as it was last heard of.</summary>
    public static KubeObject? FindKnown(InformerFactory informers, string kind, string @namespace, string name) =>
        Array.Find(s_kinds, item => item.Definition.Kind == kind)?.Find(informers, @namespace, name);

    /// <summary>Tells of each change of an object of a kind that <paramref name="concerns"/>; first of all there are.</summary>
    public static IDisposable Subscribe(InformerFactory informers, string kind, Func<KubeObject, bool> concerns, Action changed) =>
        (Array.Find(s_kinds, item => item.Definition.Kind == kind) ?? throw new ArgumentException($"{kind} is not a kind that can be released.", nameof(kind))).Subscribe(informers, item =>
        {
            if (concerns(item))
            {
                changed();
            }
        });

    public static string HashOf(string content) => Prompt.HashOf(content);

    /// <summary>The content of an object in the cluster; empty when it has none.</summary>
    public static string ContentOf(KubeObject item) => item.Kind == Prompt.Definition.Kind
        ? item.Json["spec"]?["content"] is JsonValue value && value.TryGetValue(out string? content) ? content : ""
        : Canonical(item.Json["spec"]);

    /// <summary>A spec as it is kept: members in the order of their names, so that the order they were written in makes no difference.</summary>
    public static string Canonical(JsonNode? spec) => Sorted(spec ?? new JsonObject())!.ToJsonString(s_json);

    /// <summary>What the spec of an object shall be so that it has a content.</summary>
    /// <exception cref="JsonException">The content is not a spec.</exception>
    public static JsonObject SpecWith(KubeObject live, string content)
    {
        if (live.Kind != Prompt.Definition.Kind)
        {
            return JsonNode.Parse(content) as JsonObject ?? throw new JsonException("The spec must be a JSON object.");
        }

        var spec = (JsonObject?)live.Json["spec"]?.DeepClone() ?? [];
        spec["content"] = content;
        if (DescriptionOf(content) is { } description)
        {
            spec["description"] = description;
        }

        return spec;
    }

    /// <summary>What a prompt's document says of itself; null for nothing.</summary>
    public static string? DescriptionOf(string document) =>
        DotpromptDocument.Parse(document).Metadata.Description is { } description && !string.IsNullOrWhiteSpace(description) ? description : null;

    /// <summary>The object to apply.</summary>
    /// <exception cref="JsonException">The content is not a spec.</exception>
    public static KubeObject Desired(string kind, string @namespace, string name, string content, string? description, JsonObject annotations)
    {
        var definition = Find(kind) ?? throw new ArgumentException($"{kind} is not a kind that can be released.", nameof(kind));
        var spec = kind == Prompt.Definition.Kind ? new JsonObject { ["content"] = content } : JsonNode.Parse(content) as JsonObject ?? throw new JsonException("The spec must be a JSON object.");
        if (description is not null)
        {
            spec["description"] = description;
        }

        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = definition.ApiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace, ["annotations"] = annotations },
            ["spec"] = spec,
        });
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    private static Kind Of<T>() where T : KubeObject, IKubeKind<T> =>
        new(T.Definition, static (informers, @namespace, name) => informers.Get<T>().Store.Find(@namespace, name),
            static (informers, handler) => informers.Get<T>().Subscribe(change => handler(change.Object)));

    private sealed record Kind(ResourceDefinition Definition, Func<InformerFactory, string, string, KubeObject?> Find, Func<InformerFactory, Action<KubeObject>, IDisposable> Subscribe);
}
