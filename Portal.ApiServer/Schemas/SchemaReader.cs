using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas;

/// <summary>Reads OpenAPI v3 JSON into <see cref="StructuralSchema"/>.</summary>
internal static class SchemaReader
{
    private const int MaxDepth = 100;
    private static readonly FrozenSet<string> s_types =
        FrozenSet.Create("object", "array", "string", "integer", "number", "boolean");

    public static StructuralSchema Read(JsonObject json, string path, int depth = 0)
    {
        if (depth > MaxDepth)
        {
            throw new SchemaException(path, $"is nested deeper than {MaxDepth} levels");
        }

        if (json.ContainsKey("$ref"))
        {
            throw new SchemaException(path + ".$ref", "must not be used in a structural schema");
        }

        var type = Text(json, "type", path);
        if (type is { Length: > 0 } && !s_types.Contains(type))
        {
            throw new SchemaException(path + ".type", $"must be one of {string.Join(", ", s_types.Order())}, not \"{type}\"");
        }

        var listType = Text(json, "x-kubernetes-list-type", path) ?? "atomic";
        var listKeys = Strings(json, "x-kubernetes-list-map-keys", path);
        CheckList(json, path, type, listType, listKeys);
        var pattern = Text(json, "pattern", path);
        return new StructuralSchema
        {
            Source = json,
            Type = type is { Length: > 0 } ? type : null,
            Format = Text(json, "format", path),
            Description = Text(json, "description", path) ?? "",
            Properties = Children(json, "properties", path, depth),
            AdditionalProperties = Additional(json, path, depth),
            Items = json["items"] is JsonObject items ? Read(items, path + ".items", depth + 1) : null,
            Required = Strings(json, "required", path),
            Nullable = Flag(json, "nullable", path),
            Default = json["default"],
            Enum = json["enum"] is JsonArray values ? [.. values] : null,
            PatternText = pattern,
            Pattern = pattern is null ? null : Compile(pattern, path + ".pattern"),
            Minimum = Number(json, "minimum", path),
            ExclusiveMinimum = Flag(json, "exclusiveMinimum", path),
            Maximum = Number(json, "maximum", path),
            ExclusiveMaximum = Flag(json, "exclusiveMaximum", path),
            MultipleOf = Number(json, "multipleOf", path),
            MinLength = Count(json, "minLength", path),
            MaxLength = Count(json, "maxLength", path),
            MinItems = Count(json, "minItems", path),
            MaxItems = Count(json, "maxItems", path),
            MinProperties = Count(json, "minProperties", path),
            MaxProperties = Count(json, "maxProperties", path),
            UniqueItems = Flag(json, "uniqueItems", path),
            AllOf = Alternatives(json, "allOf", path, depth),
            AnyOf = Alternatives(json, "anyOf", path, depth),
            OneOf = Alternatives(json, "oneOf", path, depth),
            Not = json["not"] is JsonObject not ? Read(not, path + ".not", depth + 1) : null,
            PreserveUnknownFields = Flag(json, "x-kubernetes-preserve-unknown-fields", path),
            IntOrString = Flag(json, "x-kubernetes-int-or-string", path),
            EmbeddedResource = Flag(json, "x-kubernetes-embedded-resource", path),
            ListType = listType,
            ListMapKeys = listKeys,
            AtomicMap = Text(json, "x-kubernetes-map-type", path) == "atomic",
            AlwaysPresent = Flag(json, "x-always-present", path),
            PatchMergeKey = Text(json, "x-kubernetes-patch-merge-key", path),
            PatchStrategy = Text(json, "x-kubernetes-patch-strategy", path)?.Split(',') ?? [],
        };
    }

    private static void CheckList(JsonObject json, string path, string? type, string listType, IReadOnlyList<string> keys)
    {
        if (listType is not ("atomic" or "set" or "map"))
        {
            throw new SchemaException(path + ".x-kubernetes-list-type", $"must be atomic, set or map, not \"{listType}\"");
        }

        if (type == "array" && json["items"] is not JsonObject)
        {
            throw new SchemaException(path + ".items", "must be specified");
        }

        if (listType == "map" && keys.Count == 0)
        {
            throw new SchemaException(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }
    }

    private static FrozenDictionary<string, StructuralSchema> Children(JsonObject json, string name, string path, int depth)
    {
        if (json[name] is not JsonObject { Count: > 0 } children)
        {
            return FrozenDictionary<string, StructuralSchema>.Empty;
        }

        var result = new Dictionary<string, StructuralSchema>(children.Count, StringComparer.Ordinal);
        foreach (var (key, value) in children)
        {
            var childPath = $"{path}.{name}[{key}]";
            result[key] = Read(value as JsonObject ?? throw new SchemaException(childPath, "must be an object"), childPath, depth + 1);
        }

        return result.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static StructuralSchema? Additional(JsonObject json, string path, int depth) => json["additionalProperties"] switch
    {
        JsonObject schema => Read(schema, path + ".additionalProperties", depth + 1),
        JsonValue value when value.TryGetValue(out bool allowed) && allowed =>
            Read(new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true }, path + ".additionalProperties", depth + 1),
        _ => null,
    };

    private static List<StructuralSchema> Alternatives(JsonObject json, string name, string path, int depth)
    {
        var result = new List<StructuralSchema>();
        foreach (var item in json[name] as JsonArray ?? [])
        {
            var childPath = $"{path}.{name}[{result.Count}]";
            result.Add(Read(item as JsonObject ?? throw new SchemaException(childPath, "must be an object"), childPath, depth + 1));
        }

        return result;
    }

    // The server's expressions are RE2: no backtracking, and $ is the very end of the text.
    private static Regex Compile(string pattern, string path)
    {
        var dotNet = pattern.EndsWith('$') && !pattern.EndsWith("\\$", StringComparison.Ordinal) ? pattern[..^1] + "\\z" : pattern;
        try
        {
            return new Regex(dotNet, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new SchemaException(path, $"is not a regular expression: {e.Message}");
        }
    }

    private static string? Text(JsonObject json, string name, string path) => json[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => throw new SchemaException($"{path}.{name}", "must be a string"),
    };

    private static bool Flag(JsonObject json, string name, string path) => json[name] switch
    {
        null => false,
        JsonValue value when value.TryGetValue(out bool flag) => flag,
        _ => throw new SchemaException($"{path}.{name}", "must be true or false"),
    };

    private static double? Number(JsonObject json, string name, string path) => json[name] switch
    {
        null => null,
        JsonValue value when JsonNumbers.TryDouble(value, out var number) => number,
        _ => throw new SchemaException($"{path}.{name}", "must be a number"),
    };

    private static int? Count(JsonObject json, string name, string path) => Number(json, name, path) switch
    {
        null => null,
        >= 0 and <= int.MaxValue and var count => (int)count,
        > int.MaxValue => int.MaxValue,
        _ => throw new SchemaException($"{path}.{name}", "must not be negative"),
    };

    private static List<string> Strings(JsonObject json, string name, string path) => json[name] switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item is JsonValue value && value.TryGetValue(out string? text)
            ? text
            : throw new SchemaException($"{path}.{name}", "must hold strings"))],
        _ => throw new SchemaException($"{path}.{name}", "must be a list of strings"),
    };
}
