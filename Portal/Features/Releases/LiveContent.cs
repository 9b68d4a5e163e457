using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases;

/// <summary>
/// The content of an object in the cluster, to be compared with another one. What nobody wrote is left out where the other has nothing: the server filled it in, or
/// an autoscaler set it.
/// </summary>
public static class LiveContent
{
    /// <param name="live">The object.</param>
    /// <param name="other">The content beside which it is looked at.</param>
    public static string Beside(KubeObject live, string other)
    {
        var written = FieldsEntry.Of(live).Where(entry => entry is { HoldsSpec: true, Subresource: null }).Select(entry => entry.Fields["f:spec"]).OfType<JsonObject>().ToList();
        return live.Kind == Prompt.Definition.Kind || written.Count == 0 ? ReleaseKinds.ContentOf(live) : ReleaseKinds.Canonical(Written(live.Json["spec"], SpecIn(other), written));
    }

    /// <param name="written">The sets of fields that somebody owns here; one without members owns all of it.</param>
    private static JsonNode? Written(JsonNode? live, JsonNode? other, IReadOnlyList<JsonObject> written)
    {
        if (live is not JsonObject map || written.Any(fields => fields.Count == 0))
        {
            return live?.DeepClone();
        }

        var (kept, beside) = (new JsonObject(), other as JsonObject);
        foreach (var (name, value) in map)
        {
            var owned = written.Select(fields => fields[$"f:{name}"]).OfType<JsonObject>().ToList();
            if (owned.Count > 0 || beside?.ContainsKey(name) == true)
            {
                kept[name] = Written(value, beside?[name], owned);
            }
        }

        return kept;
    }

    private static JsonNode? SpecIn(string content)
    {
        try
        {
            return JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
