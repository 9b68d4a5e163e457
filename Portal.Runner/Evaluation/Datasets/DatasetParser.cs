using System.Globalization;
using System.Text;
using Portal.Runner.Engine;

namespace Portal.Runner.Evaluation.Datasets;

/// <summary>
/// Reads rows from <c>json</c> (an array), <c>jsonl</c> (an object a line) or <c>csv</c> (with a header). A row has <c>input</c>, and may have
/// <c>reference</c>, <c>context</c> and <c>testCaseId</c>; without <c>input</c>, all that is neither <c>reference</c> nor <c>testCaseId</c> is the input.
/// </summary>
internal static class DatasetParser
{
    public const int MaxRows = 20_000;
    public static readonly IReadOnlyList<string> Formats = ["json", "jsonl", "csv"];
    private const string Input = "input";
    private const string Reference = "reference";
    private const string Context = "context";
    private const string Id = "testCaseId";
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 64, AllowDuplicateProperties = false };

    /// <param name="bytes">UTF-8, with or without a byte-order mark.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="schema">JSON Schema of a row as it is written; null checks nothing.</param>
    /// <exception cref="FormatException">Names the row and the field.</exception>
    public static IReadOnlyList<DatasetRow> Parse(ReadOnlySpan<byte> bytes, string format, JsonNode? schema)
    {
        var text = Decode(bytes);
        var written = format switch
        {
            "csv" => ReadCsv(text, schema),
            "jsonl" => ReadLines(text),
            _ => ReadArray(text),
        };
        List<DatasetRow> rows = [];
        HashSet<string> ids = new(StringComparer.Ordinal);
        foreach (var (place, row) in written)
        {
            var read = ReadRow(row, place, rows.Count + 1, schema);
            if (!ids.Add(read.Id))
            {
                throw new FormatException($"{place}: {Id} \"{read.Id}\" was used by a row before");
            }

            rows.Add(read);
            if (rows.Count > MaxRows)
            {
                throw new FormatException($"more than {MaxRows} rows; split the dataset");
            }
        }

        return rows.Count > 0 ? rows : throw new FormatException("it has no rows");
    }

    private static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return s_strict.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException($"byte {exception.Index} is not UTF-8", exception);
        }
    }

    private static IEnumerable<(string Place, JsonNode? Row)> ReadArray(string text) =>
        ParseJson(text, "it") switch
        {
            JsonArray rows => rows.Select(static (row, index) => ($"row {index + 1}", row)),
            JsonObject only => [("row 1", only)],
            _ => throw new FormatException("json must be an array of rows, or one row (for one object a line the format is jsonl)"),
        };

    private static IEnumerable<(string Place, JsonNode? Row)> ReadLines(string text) => text.Split('\n')
        .Select(static (line, index) => (Place: $"line {index + 1}", Line: line.Trim()))
        .Where(static item => item.Line.Length > 0)
        .Select(static item => (item.Place, ParseJson(item.Line, item.Place)));

    private static JsonNode? ParseJson(string text, string place)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: s_json);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{place} is not valid JSON: {exception.Message}", exception);
        }
    }

    private static IEnumerable<(string Place, JsonNode? Row)> ReadCsv(string text, JsonNode? schema)
    {
        List<string>? header = null;
        foreach (var (line, fields) in Csv.Read(text))
        {
            if (header is null)
            {
                header = [.. fields.Select(static name => name.Trim())];
                CheckHeader(header, line);
                continue;
            }

            if (fields.Count != header.Count)
            {
                throw new FormatException($"line {line}: {fields.Count} fields where the header has {header.Count} ({string.Join(", ", header)})");
            }

            var row = new JsonObject();
            for (var index = 0; index < header.Count; index++)
            {
                row[header[index]] = Cell(fields[index], header[index], schema);
            }

            yield return ($"line {line}", row);
        }
    }

    private static void CheckHeader(List<string> header, int line)
    {
        if (header.Contains(""))
        {
            throw new FormatException($"line {line}: column {header.IndexOf("") + 1} of the header has no name");
        }

        if (header.GroupBy(static name => name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new FormatException($"line {line}: the header has column \"{twice.Key}\" twice");
        }
    }

    /// <summary>Cells are text. Those of row fields that hold JSON objects or arrays are read as such, and what the schema wants otherwise, where it fits.</summary>
    private static JsonNode? Cell(string text, string column, JsonNode? schema)
    {
        var wanted = ((schema as JsonObject)?["properties"] as JsonObject)?[column] is JsonObject rule && rule["type"] is JsonValue type ? type.ToString() : null;
        var mayBeJson = wanted is not (null or "string") || (column is Input or Reference or Context && text.TrimStart() is ['{' or '[', ..]);
        try
        {
            return mayBeJson ? JsonNode.Parse(text, documentOptions: s_json) : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text); // text that only looks like JSON; the schema, when there is one, says what is wrong
        }
    }

    private static DatasetRow ReadRow(JsonNode? written, string place, int number, JsonNode? schema)
    {
        if (written is not JsonObject row)
        {
            throw new FormatException($"{place}: a row must be an object such as {{\"input\": {{…}}, \"reference\": \"…\"}}");
        }

        if (SchemaCheck.Validate(schema, row) is { Count: > 0 } errors)
        {
            throw new FormatException($"{place} does not match the dataset's schema: {SchemaCheck.Describe(errors)}");
        }

        return new DatasetRow(IdOf(row, place, number), InputOf(row), row[Reference]?.DeepClone(), row.ContainsKey(Input) ? ContextOf(row[Context]) : null);
    }

    private static string IdOf(JsonObject row, string place, int number) => row[Id] switch
    {
        null => number.ToString(CultureInfo.InvariantCulture),
        JsonValue value when value.ToString() is { Length: > 0 and <= 256 } id => id,
        _ => throw new FormatException($"{place}: {Id} must be a text of up to 256 characters"),
    };

    private static JsonNode? InputOf(JsonObject row)
    {
        if (row.TryGetPropertyValue(Input, out var input))
        {
            return input?.DeepClone();
        }

        var whole = (JsonObject)row.DeepClone();
        whole.Remove(Reference);
        whole.Remove(Id);
        return whole;
    }

    private static JsonArray? ContextOf(JsonNode? written) => written switch
    {
        null => null,
        JsonArray several => (JsonArray)several.DeepClone(),
        _ => [written.DeepClone()],
    };
}
