using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Tables;

/// <summary>What the rows of a Table carry besides cells (query parameter <c>includeObject</c>).</summary>
internal enum IncludeObject
{
    Metadata,
    None,
    Object,
}

/// <summary>Turns objects of one resource into <c>meta.k8s.io/v1 Table</c>s. Immutable and shared.</summary>
internal sealed class TableConverter
{
    private readonly TableColumn[] _columns;
    private readonly JsonArray _definitions;

    private TableConverter(TableColumn[] columns)
    {
        _columns = columns;
        _definitions = new JsonArray([.. columns.Select(column => (JsonNode)new JsonObject
        {
            ["name"] = column.Name,
            ["type"] = column.Type,
            ["format"] = column.Format,
            ["description"] = column.Description,
            ["priority"] = column.Priority,
        })]);
    }

    /// <summary>Columns of a built-in kind; Name and Age for kinds without columns of their own.</summary>
    public static TableConverter ForBuiltIn(ResourceDefinition definition) => new(BuiltInColumns.For(definition.Group, definition.Kind));

    /// <summary>Columns of one CRD version, from its <c>additionalPrinterColumns</c>; Name and Age when there are none.</summary>
    /// <exception cref="FormatException">A column's JSONPath cannot be read.</exception>
    public static TableConverter ForCustomResource(JsonArray? additionalPrinterColumns) =>
        additionalPrinterColumns is not { Count: > 0 }
            ? new TableConverter([TableColumn.NameColumn, TableColumn.Age with { Type = "date" }])
            : new TableConverter([TableColumn.NameColumn, .. additionalPrinterColumns.OfType<JsonObject>().Select(Column)]);

    /// <summary>Makes a Table.</summary>
    /// <param name="listMetadata">Metadata of the list (resourceVersion, continue, remainingItemCount), or of the single object: only those three are taken.</param>
    /// <param name="withColumns">False for every watch event after the first: columnDefinitions is then null.</param>
    public JsonObject ToTable(
        IEnumerable<JsonObject> objects, JsonObject? listMetadata, IncludeObject include, DateTimeOffset now, bool withColumns = true)
    {
        var metadata = new JsonObject();
        foreach (var name in (ReadOnlySpan<string>)["resourceVersion", "continue", "remainingItemCount"])
        {
            if (listMetadata?[name] is { } value)
            {
                metadata[name] = value.DeepClone();
            }
        }

        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? _definitions.DeepClone() : null,
            ["rows"] = new JsonArray([.. objects.Select(item => (JsonNode)Row(item, include, now))]),
        };
    }

    private JsonObject Row(JsonObject item, IncludeObject include, DateTimeOffset now)
    {
        var cells = new JsonArray();
        foreach (var column in _columns)
        {
            cells.Add(column.Cell(item, now));
        }

        return new JsonObject
        {
            ["cells"] = cells,
            ["object"] = include switch
            {
                IncludeObject.None => null,
                IncludeObject.Object => item.DeepClone(),
                _ => PartialMetadata.Of(item),
            },
        };
    }

    private static TableColumn Column(JsonObject column)
    {
        var text = TableColumn.Text(column, "jsonPath");
        var path = JsonPath.Parse(text);
        var type = TableColumn.Text(column, "type");
        var description = TableColumn.Text(column, "description");
        return new TableColumn(
            TableColumn.Text(column, "name"),
            (item, now) => path.Find(item) is [var first, ..] ? Cell(first, type, now) : null,
            type,
            TableColumn.Text(column, "format"),
            description.Length > 0 ? description : $"Custom resource definition column (in JSONPath format): {text}",
            JsonNumbers.TryInteger(column["priority"], out var priority) ? (int)priority : 0);
    }

    // A value that is not of the column's type shows as nothing, except in text columns.
    private static JsonNode? Cell(JsonNode? value, string type, DateTimeOffset now) => (type, JsonNumbers.TypeOf(value)) switch
    {
        (_, "null") => null,
        ("integer", "integer") => value!.DeepClone(),
        ("integer", "number") => JsonNumbers.TryDouble(value, out var number) ? (long)number : null,
        ("number", "integer" or "number") => value!.DeepClone(),
        ("boolean", "boolean") => value!.DeepClone(),
        ("date", "string") => HumanDuration.Since(value, now),
        ("string", "string") => value!.DeepClone(),
        ("string", "boolean" or "integer" or "number") => value!.ToJsonString(),
        ("string", _) => value!.ToJsonString(KubernetesJson.Options),
        _ => null,
    };
}
