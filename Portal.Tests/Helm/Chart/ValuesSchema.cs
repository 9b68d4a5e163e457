using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm.Chart;

/// <summary>Checks values by the part of JSON Schema that values.schema.json uses; a keyword that is not known is refused when the schema is read.</summary>
internal sealed class ValuesSchema
{
    private static readonly string[] s_keywords =
    [
        "$schema", "title", "description", "type", "properties", "patternProperties", "additionalProperties", "required", "items", "enum", "pattern", "minimum", "maximum", "minItems", "minLength",
    ];

    private ValuesSchema()
    {
        Root = (JsonObject)JsonNode.Parse(File.ReadAllText(Repository.Path(HelmChart.Folder, "values.schema.json")))!;
        Verify(Root, "");
    }

    public static ValuesSchema Instance { get; } = new();

    public JsonObject Root { get; }

    /// <summary>What is wrong, one line a mistake with its path.</summary>
    public List<string> Check(JsonNode? value)
    {
        var problems = new List<string>();
        Check(value, Root, "", problems);
        return problems;
    }

    private static void Verify(JsonObject schema, string path)
    {
        foreach (var keyword in schema.Select(entry => entry.Key).Where(keyword => !s_keywords.Contains(keyword)))
        {
            throw new FormatException($"{path}: the keyword {keyword} is outside the subset");
        }

        foreach (var (name, child) in Children(schema))
        {
            Verify(child, $"{path}.{name}");
        }
    }

    public static IEnumerable<(string Name, JsonObject Schema)> Children(JsonObject schema)
    {
        foreach (var keyword in (string[])["properties", "patternProperties"])
        {
            foreach (var (name, child) in schema[keyword] as JsonObject ?? [])
            {
                yield return (keyword == "properties" ? name : "*", (JsonObject)child!);
            }
        }

        if (schema["items"] is JsonObject items)
        {
            yield return ("[]", items);
        }

        if (schema["additionalProperties"] is JsonObject others)
        {
            yield return ("*", others);
        }
    }

    private static void Check(JsonNode? value, JsonObject schema, string path, List<string> problems)
    {
        if (schema["type"] is { } type && !Types(type).Any(name => IsOf(value, name)))
        {
            problems.Add($"{path}: must be {string.Join(" or ", Types(type))}");
            return;
        }

        if (schema["enum"] is JsonArray allowed && !allowed.Any(item => JsonNode.DeepEquals(item, value)))
        {
            problems.Add($"{path}: must be one of {string.Join(", ", allowed.Select(item => item?.ToJsonString()))}");
        }

        switch (value)
        {
            case JsonObject map:
                Map(map, schema, path, problems);
                break;
            case JsonArray list:
                if (list.Count < ((int?)schema["minItems"] ?? 0))
                {
                    problems.Add($"{path}: has too few items");
                }

                for (var index = 0; index < list.Count && schema["items"] is JsonObject items; index++)
                {
                    Check(list[index], items, $"{path}[{index}]", problems);
                }

                break;
            case JsonValue scalar:
                Scalar(scalar, schema, path, problems);
                break;
        }
    }

    private static void Map(JsonObject map, JsonObject schema, string path, List<string> problems)
    {
        foreach (var name in schema["required"] as JsonArray ?? [])
        {
            if (!map.ContainsKey(name!.ToString()))
            {
                problems.Add($"{path}: {name} is required");
            }
        }

        foreach (var (name, value) in map)
        {
            var pattern = (schema["patternProperties"] as JsonObject ?? []).FirstOrDefault(entry => Regex.IsMatch(name, entry.Key)).Value;
            if ((schema["properties"]?[name] ?? pattern ?? schema["additionalProperties"]) is JsonObject known)
            {
                Check(value, known, $"{path}.{name}", problems);
            }
            else if (schema["additionalProperties"] is JsonValue none && !none.GetValue<bool>())
            {
                problems.Add($"{path}.{name}: there is no such value");
            }
        }
    }

    private static void Scalar(JsonValue scalar, JsonObject schema, string path, List<string> problems)
    {
        if (scalar.GetValueKind() == JsonValueKind.String)
        {
            var text = scalar.GetValue<string>();
            if (schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern.ToString()))
            {
                problems.Add($"{path}: \"{text}\" does not match {pattern}");
            }

            if (text.Length < ((int?)schema["minLength"] ?? 0))
            {
                problems.Add($"{path}: must not be empty");
            }
        }
        else if (scalar.GetValueKind() == JsonValueKind.Number)
        {
            var number = Number(scalar);
            if (number < (schema["minimum"] is { } least ? Number(least) : double.MinValue) || number > (schema["maximum"] is { } most ? Number(most) : double.MaxValue))
            {
                problems.Add($"{path}: {number} is out of range");
            }
        }
    }

    private static double Number(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray list ? list.Select(item => item!.ToString()) : [type.ToString()];

    private static bool IsOf(JsonNode? value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "null" => value is null,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value?.GetValueKind() == JsonValueKind.Number && double.IsInteger(Number(value)),
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        _ => false,
    };
}
