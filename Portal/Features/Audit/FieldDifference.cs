using System.Text.Encodings.Web;
using Portal.Runner.Content;

namespace Portal.Features.Audit;

/// <summary>One field that is not as it was. Values are texts: strings as they are, everything else as JSON; null is a field that is not there.</summary>
/// <param name="Path">Such as <c>spec.prompts[0].name</c>.</param>
public sealed record FieldChange(string Path, string? Before, string? After);

/// <summary>Compares objects field by field: no secrets, no bookkeeping of the cluster, bounded in size whatever the objects are.</summary>
internal static class FieldDifference
{
    /// <summary>Fields of one difference; the rest is counted.</summary>
    public const int MostFields = 64;

    private const int MostCharacters = 48_000;
    private const int Deepest = 24;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly HashSet<string> s_bookkeeping = new(StringComparer.Ordinal)
    {
        "metadata.managedFields", "metadata.resourceVersion", "metadata.generation", "metadata.uid", "metadata.creationTimestamp", "metadata.selfLink", "status",
        "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration",
    };

    /// <param name="before">Null when there was no object.</param>
    /// <param name="after">Null when there is no object any more.</param>
    /// <param name="kind">Of the object; of a <c>Secret</c> no data is told.</param>
    public static IReadOnlyList<FieldChange> Between(JsonObject? before, JsonObject? after, string kind)
    {
        var walk = new Walk(kind == "Secret", IsObjectOfCluster(before ?? after));
        walk.Compare("", "", before, after, hidden: false, depth: 0);
        return walk.Changes;
    }

    /// <summary>As it is stored; null for no change.</summary>
    public static string? Write(IReadOnlyList<FieldChange> changes) => changes.Count == 0 ? null : JsonSerializer.Serialize(changes, s_json);

    /// <summary>What <see cref="Write"/> wrote; what somebody else put there is one change that says so.</summary>
    public static IReadOnlyList<FieldChange> Read(string? stored)
    {
        try
        {
            return stored is null ? [] : JsonSerializer.Deserialize<List<FieldChange>>(stored, s_json) ?? [];
        }
        catch (JsonException)
        {
            return [new FieldChange("(unreadable)", null, stored)];
        }
    }

    private static bool IsObjectOfCluster(JsonObject? item) => item is not null && item.ContainsKey("metadata") && item.ContainsKey("kind");

    private sealed class Walk(bool isSecret, bool ofCluster)
    {
        private readonly List<FieldChange> _changes = [];
        private int _characters;
        private int _more;

        public IReadOnlyList<FieldChange> Changes => _more == 0 ? _changes : [.. _changes, new FieldChange("…", null, $"{_more} more fields")];

        public void Compare(string path, string name, JsonNode? before, JsonNode? after, bool hidden, int depth)
        {
            if (JsonNode.DeepEquals(before, after) || (ofCluster && s_bookkeeping.Contains(path)))
            {
                return;
            }

            var inside = hidden || (isSecret && path is "data" or "stringData");
            if (depth < Deepest && before is JsonObject or null && after is JsonObject or null)
            {
                CompareObjects(path, before as JsonObject, after as JsonObject, inside, depth);
            }
            else if (depth < Deepest && before is JsonArray or null && after is JsonArray or null)
            {
                CompareArrays(path, before as JsonArray ?? [], after as JsonArray ?? [], inside, depth);
            }
            else
            {
                Add(path, before, after, inside || (before is not JsonObject && after is not JsonObject && SecretFilter.IsSecretName(name)));
            }
        }

        private void CompareObjects(string path, JsonObject? before, JsonObject? after, bool hidden, int depth)
        {
            var names = (before ?? []).Select(field => field.Key).Union((after ?? []).Select(field => field.Key), StringComparer.Ordinal);

            // {name: OPENAI_API_KEY, value: …}: the name of the variable tells what the value is.
            var named = Text((after ?? before)?["name"]) is { } given && SecretFilter.IsSecretName(given);
            foreach (var name in names.Order(StringComparer.Ordinal))
            {
                Compare(path.Length == 0 ? name : $"{path}.{name}", name, before?[name], after?[name], hidden || (named && name == "value"), depth + 1);
            }
        }

        private void CompareArrays(string path, JsonArray before, JsonArray after, bool hidden, int depth)
        {
            for (var index = 0; index < Math.Max(before.Count, after.Count); index++)
            {
                Compare($"{path}[{index}]", "", before.ElementAtOrDefault(index), after.ElementAtOrDefault(index), hidden, depth + 1);
            }
        }

        private void Add(string path, JsonNode? before, JsonNode? after, bool hidden)
        {
            if (_changes.Count == MostFields || _characters > MostCharacters)
            {
                _more++;
                return;
            }

            var change = hidden
                ? new FieldChange(path, before is null ? null : SecretFilter.Hidden, after is null ? null : $"{SecretFilter.Hidden}{(before is null ? "" : " changed")}")
                : TextDifference.Of(path, Text(before), Text(after));
            _changes.Add(change with { Path = path.Length > 256 ? $"{path.AsSpan(0, 255)}…" : path });
            _characters += (change.Before?.Length ?? 0) + (change.After?.Length ?? 0);
        }

        private static string? Text(JsonNode? node) => node switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) => text,
            _ => node.ToJsonString(s_json),
        };
    }
}
