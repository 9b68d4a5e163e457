using System.Globalization;

namespace Portal.ApiServer.Schemas;

/// <summary>
/// Reads the compact notation the built-in schemas are written in. A line at the margin opens a type, indented lines are its fields:
/// <code>
/// Container -- A container of a pod.
///   name! string -- Name, unique within the pod.
///   ports []ContainerPort keys=containerPort,protocol merge=containerPort
///   env map&lt;string&gt; default={}
/// kind v1/Pod Pod
/// </code>
/// <c>!</c> marks a required field. Types: string, int32, int64, number, bool, time, microtime, bytes, quantity, intOrString, any, object,
/// <c>map&lt;T&gt;</c>, <c>[]T</c>, or a type of the files. Words after the type: <c>default=</c> JSON, <c>enum=</c> a,b, <c>keys=</c> list-map keys, <c>set</c>,
/// <c>merge=</c> and <c>patch=</c> for strategic merge, <c>atomic</c>, <c>inline</c> (always present), <c>min=</c>, <c>max=</c>, <c>nullable</c>.
/// </summary>
internal sealed class SchemaText
{
    /// <summary>Field of an expanded schema that names the type it came from, for documents that refer to it.</summary>
    public const string TypeMarker = "x-type";

    private readonly Dictionary<string, JsonObject> _types = new(StringComparer.Ordinal);

    /// <summary>Type name by <c>group/version/kind</c>.</summary>
    public Dictionary<string, string> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads embedded files of this folder.</summary>
    public static SchemaText Load(params ReadOnlySpan<string> files)
    {
        var result = new SchemaText();
        foreach (var file in files)
        {
            using var stream = typeof(SchemaText).Assembly.GetManifestResourceStream("Portal.ApiServer.Schemas.BuiltIn." + file)
                ?? throw new InvalidOperationException($"The schema file {file} is not embedded.");
            using var reader = new StreamReader(stream);
            result.Read(reader, file);
        }

        return result;
    }

    /// <summary>The type with all its references expanded.</summary>
    public StructuralSchema Schema(string type) => StructuralSchema.Parse(Expand(type));

    private void Read(TextReader reader, string file)
    {
        JsonObject? fields = null;
        JsonObject? current = null;
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var (head, description) = Split(line.Trim());
            var words = head.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ')
            {
                if (words[0] == "kind")
                {
                    Kinds.Add(words[1], words[2]);
                    continue;
                }

                fields = [];
                current = new JsonObject { ["type"] = "object", ["description"] = description, ["properties"] = fields };
                Words(current, words.AsSpan(1), file, number);
                _types.Add(words[0], current);
            }
            else
            {
                Field(current!, fields!, words, description, file, number);
            }
        }
    }

    private static (string Head, string Description) Split(string line)
    {
        var dashes = line.IndexOf(" -- ", StringComparison.Ordinal);
        return dashes < 0 ? (line, "") : (line[..dashes], line[(dashes + 4)..]);
    }

    private static void Field(JsonObject owner, JsonObject fields, string[] words, string description, string file, int line)
    {
        var name = words[0].TrimEnd('!');
        if (words[0].EndsWith('!'))
        {
            if (owner["required"] is not JsonArray required)
            {
                owner["required"] = required = [];
            }

            required.Add(name);
        }

        var schema = Type(words[1]);
        if (description.Length > 0)
        {
            schema["description"] = description;
        }

        Words(schema, words.AsSpan(2), file, line);
        fields[name] = schema;
    }

    private static JsonObject Type(string type)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "array", ["items"] = Type(type[2..]) };
        }

        if (type.StartsWith("map<", StringComparison.Ordinal))
        {
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = Type(type[4..^1]) };
        }

        return type switch
        {
            "string" => new JsonObject { ["type"] = "string" },
            "bool" => new JsonObject { ["type"] = "boolean" },
            "number" => new JsonObject { ["type"] = "number" },
            "int32" or "int64" => new JsonObject { ["type"] = "integer", ["format"] = type },
            "time" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            "microtime" => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            "bytes" => new JsonObject { ["type"] = "string", ["format"] = "byte" },
            "quantity" or "intOrString" => new JsonObject { ["x-kubernetes-int-or-string"] = true },
            "any" => new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true },
            "object" => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            _ => new JsonObject { ["$type"] = type },
        };
    }

    private static void Words(JsonObject schema, ReadOnlySpan<string> words, string file, int line)
    {
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
            switch (name)
            {
                case "default": schema["default"] = Json(value); break;
                case "enum": schema["enum"] = Strings(value); break;
                case "min": schema["minimum"] = double.Parse(value, CultureInfo.InvariantCulture); break;
                case "max": schema["maximum"] = double.Parse(value, CultureInfo.InvariantCulture); break;
                case "nullable": schema["nullable"] = true; break;
                case "set": schema["x-kubernetes-list-type"] = "set"; break;
                case "atomic": schema["x-kubernetes-map-type"] = "atomic"; break;
                case "inline": schema["x-always-present"] = true; break;
                case "merge": schema["x-kubernetes-patch-merge-key"] = value; schema["x-kubernetes-patch-strategy"] ??= "merge"; break;
                case "patch": schema["x-kubernetes-patch-strategy"] = value; break;
                case "keys":
                    schema["x-kubernetes-list-type"] = "map";
                    schema["x-kubernetes-list-map-keys"] = Strings(value);
                    break;
                default: throw new FormatException($"{file}:{line}: unknown word \"{word}\".");
            }
        }
    }

    private static JsonArray Strings(string list) => new([.. list.Split(',').Select(item => (JsonNode)item)]);

    private static JsonNode? Json(string value) =>
        value is "true" or "false" or ['{' or '[', ..] || long.TryParse(value, CultureInfo.InvariantCulture, out _)
            ? JsonNode.Parse(value)
            : value;

    private JsonObject Expand(string type)
    {
        var schema = (JsonObject)(_types.TryGetValue(type, out var found) ? found : throw new FormatException($"Unknown type {type}.")).DeepClone();
        foreach (var (name, field) in ((JsonObject)schema["properties"]!).ToList())
        {
            schema["properties"]![name] = Expand((JsonObject)field!);
        }

        return schema;
    }

    private JsonObject Expand(JsonObject field)
    {
        if (field["$type"] is { } type)
        {
            var expanded = Expand(type.GetValue<string>());
            expanded[TypeMarker] = type.DeepClone();
            foreach (var (name, value) in field)
            {
                if (name != "$type")
                {
                    expanded[name] = value?.DeepClone();
                }
            }

            return expanded;
        }

        var copy = (JsonObject)field.DeepClone();
        foreach (var name in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            if (copy[name] is JsonObject child)
            {
                copy[name] = Expand(child);
            }
        }

        return copy;
    }
}
