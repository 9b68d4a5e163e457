using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Portal.ApiServer.Schemas.Cel;

internal enum CelKind
{
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List,
    Map,
    Object,
    Optional,
    Type,
}

/// <summary>A type of the expression language, as far as a schema or a literal tells it. Immutable.</summary>
internal sealed partial class CelType
{
    public static readonly CelType Dyn = new(CelKind.Dyn);
    public static readonly CelType Null = new(CelKind.Null);
    public static readonly CelType Bool = new(CelKind.Bool);
    public static readonly CelType Int = new(CelKind.Int);
    public static readonly CelType Uint = new(CelKind.Uint);
    public static readonly CelType Real = new(CelKind.Double);
    public static readonly CelType Text = new(CelKind.String);
    public static readonly CelType Bytes = new(CelKind.Bytes);
    public static readonly CelType Duration = new(CelKind.Duration);
    public static readonly CelType Timestamp = new(CelKind.Timestamp);
    public static readonly CelType Type = new(CelKind.Type);
    public static readonly CelType AnyList = ListOf(Dyn);
    public static readonly CelType AnyMap = MapOf(Dyn, Dyn);
    public static readonly CelType AnyOptional = OptionalOf(Dyn);

    private static readonly FrozenSet<string> s_reserved = FrozenSet.Create(
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return");

    private FrozenDictionary<string, (string Name, CelType Type)>? _fields;

    private CelType(CelKind kind) => Kind = kind;

    public CelKind Kind { get; }

    /// <summary>Items of a list, values of a map, content of an optional.</summary>
    public CelType? Element { get; private init; }
    public CelType? Key { get; private init; }

    /// <summary>Lists of type set or map are equal whatever the order of their items.</summary>
    public bool Unordered { get; private init; }

    public static CelType ListOf(CelType element, bool unordered = false) => new(CelKind.List) { Element = element, Unordered = unordered };

    public static CelType MapOf(CelType key, CelType value) => new(CelKind.Map) { Key = key, Element = value };

    public static CelType OptionalOf(CelType value) => new(CelKind.Optional) { Element = value };

    /// <summary>The type of values under a schema; null when expressions cannot reach them.</summary>
    /// <param name="root">Whether this is a whole object: of its metadata only name and generateName can then be reached.</param>
    public static CelType? Of(StructuralSchema schema, bool root = false)
    {
        if (schema.IntOrString)
        {
            return Dyn;
        }

        switch (schema.Type)
        {
            case "boolean":
                return Bool;
            case "integer":
                return Int;
            case "number":
                return Real;
            case "string":
                return schema.Format switch { "byte" => Bytes, "duration" => Duration, "date" or "date-time" => Timestamp, _ => Text };
            case "array":
                return schema.Items is { } items && Of(items) is { } item ? ListOf(item, schema.ListType != "atomic") : null;
            case "object" when schema.AdditionalProperties is { } values:
                return Of(values) is { } value ? MapOf(Text, value) : null;
            case "object":
                return ObjectOf(schema, root || schema.EmbeddedResource);
            default:
                return null;
        }
    }

    /// <summary>The property that an expression's <paramref name="field"/> means; null when there is none.</summary>
    /// <param name="quoted">Whether it was written in backticks: then it is the property's own name.</param>
    public (string Name, CelType Type)? Field(string field, bool quoted)
    {
        if (quoted)
        {
            return _fields!.Values.Where(known => known.Name == field).Select(known => ((string, CelType)?)known).FirstOrDefault();
        }

        return _fields!.TryGetValue(field, out var found) ? found : null;
    }

    /// <summary>Whether a value of type <paramref name="given"/> may stand where this one is wanted, as far as is known before evaluation.</summary>
    public bool Accepts(CelType given)
    {
        if (Kind == CelKind.Dyn || given.Kind == CelKind.Dyn || ReferenceEquals(this, given))
        {
            return true;
        }

        return Kind == given.Kind && (Element is null || given.Element is null || Element.Accepts(given.Element)) && (Key is null || given.Key is null || Key.Accepts(given.Key));
    }

    public override string ToString() => Kind switch
    {
        CelKind.List => $"list({Element})",
        CelKind.Map => $"map({Key}, {Element})",
        CelKind.Optional => $"optional_type({Element})",
        CelKind.Null => "null_type",
        CelKind.Timestamp => "google.protobuf.Timestamp",
        CelKind.Duration => "google.protobuf.Duration",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    private static CelType ObjectOf(StructuralSchema schema, bool resource)
    {
        var fields = new Dictionary<string, (string, CelType)>(StringComparer.Ordinal);
        foreach (var (name, property) in schema.Properties)
        {
            if (!(resource && name == "metadata") && Of(property) is { } type)
            {
                fields[Escape(name)] = (name, type);
            }
        }

        if (resource)
        {
            fields["apiVersion"] = ("apiVersion", Text);
            fields["kind"] = ("kind", Text);
            fields["metadata"] = ("metadata", s_metadata);
        }

        return new CelType(CelKind.Object) { _fields = fields.ToFrozenDictionary(StringComparer.Ordinal) };
    }

    private static readonly CelType s_metadata = new(CelKind.Object)
    {
        _fields = new Dictionary<string, (string, CelType)> { ["name"] = ("name", Text), ["generateName"] = ("generateName", Text) }
            .ToFrozenDictionary(StringComparer.Ordinal),
    };

    /// <summary>How an expression writes a property's name: <c>a-b</c> is <c>a__dash__b</c>, <c>namespace</c> is <c>__namespace__</c>.</summary>
    private static string Escape(string name) => s_reserved.Contains(name)
        ? $"__{name}__"
        : Escaped().Replace(name, match => match.Value switch { "__" => "__underscores__", "." => "__dot__", "-" => "__dash__", _ => "__slash__" });

    [GeneratedRegex("__|[./-]", RegexOptions.CultureInvariant)]
    private static partial Regex Escaped();
}
