using System.Text;

namespace Portal.Operator.Datasets;

/// <summary>Reads the samples of a dataset, whether written in place or as text.</summary>
internal static class DatasetSamples
{
    /// <summary>Where a ConfigMap may hold them, in the order they are looked for.</summary>
    public static IEnumerable<string> Keys(string format) => new[] { $"data.{format}", "data.json" }.Distinct();

    /// <summary>Of <c>spec.source.inline</c>: an array of samples, one sample, or text in the format.</summary>
    /// <exception cref="FormatException">It cannot be read; says where.</exception>
    public static IReadOnlyList<JsonNode?> Of(JsonNode inline, string format) => inline switch
    {
        JsonArray samples => [.. samples],
        JsonValue value when value.TryGetValue(out string? text) => Of(text, format),
        JsonObject sample when format != "csv" => [sample],
        _ => throw new FormatException("it must be an array of samples, or text"),
    };

    /// <exception cref="FormatException">It cannot be read; says where.</exception>
    public static IReadOnlyList<JsonNode?> Of(string text, string format) => format switch
    {
        "csv" => Csv(text),
        "jsonl" => [.. text.Split('\n').Select(static (line, index) => (Line: line.Trim(), Number: index + 1))
            .Where(static item => item.Line.Length > 0)
            .Select(static item => Json(item.Line, $"line {item.Number}: "))],
        _ => Json(text, "") switch
        {
            JsonArray samples => [.. samples],
            JsonObject sample => [sample],
            _ => throw new FormatException("it must be an array of samples, or one sample that is an object"),
        },
    };

    private static JsonNode? Json(string text, string place)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException exception)
        {
            throw new FormatException(place + exception.Message, exception);
        }
    }

    /// <summary>Each row after the header as an object of texts.</summary>
    private static List<JsonNode?> Csv(string text)
    {
        IReadOnlyList<string>? header = null;
        var samples = new List<JsonNode?>();
        foreach (var (line, fields) in Records(text))
        {
            if (header is null)
            {
                header = fields;
                continue;
            }

            if (fields.Count != header.Count)
            {
                throw new FormatException($"line {line}: {fields.Count} fields where the header has {header.Count}");
            }

            var sample = new JsonObject();
            for (var column = 0; column < fields.Count; column++)
            {
                sample[header[column]] = fields[column];
            }

            samples.Add(sample);
        }

        return samples;
    }

    /// <summary>RFC 4180; blank lines do not count.</summary>
    private static IEnumerable<(int Line, List<string> Fields)> Records(string text)
    {
        var (field, fields, quoted, line, start) = (new StringBuilder(), new List<string>(), false, 1, 1);
        for (var position = 0; position <= text.Length; position++)
        {
            var character = position < text.Length ? text[position] : '\n';
            line += character == '\n' ? 1 : 0;
            if (quoted && position == text.Length)
            {
                throw new FormatException($"line {start}: a quoted field is not closed");
            }

            switch (character)
            {
                case '"' when quoted && position + 1 < text.Length && text[position + 1] == '"':
                    field.Append('"');
                    position++;
                    break;
                case '"' when quoted || field.Length == 0:
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\n' when !quoted:
                    fields.Add(field.ToString().TrimEnd('\r'));
                    field.Clear();
                    if (fields is not [""])
                    {
                        yield return (start, fields);
                    }

                    (fields, start) = ([], line);
                    break;
                default:
                    field.Append(character);
                    break;
            }
        }
    }
}
