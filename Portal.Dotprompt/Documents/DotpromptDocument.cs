using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Templates;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Documents;

/// <summary>
/// A parsed <c>.prompt</c> document. Parsing never throws: what is wrong is in <see cref="Diagnostics"/>. Immutable and safe for many threads,
/// as long as the JSON in <see cref="Metadata"/> is treated as read-only; its template is compiled once, on first use.
/// </summary>
public sealed class DotpromptDocument
{
    /// <summary>Longest document that is read, in UTF-16 units; longer ones get the diagnostic <c>too-large</c>.</summary>
    public const int MaxLength = 1024 * 1024;

    private readonly Lazy<Template> _compiled;
    private readonly Lazy<DotpromptDocument> _strict;
    private readonly Lazy<IReadOnlyDictionary<string, Template>> _compiledPartials;

    private DotpromptDocument(string source, string template, JsonObject metadata, IReadOnlyList<Diagnostic> diagnostics)
    {
        (Source, Template, MetadataJson, Diagnostics) = (source, template, metadata, diagnostics);
        Metadata = MetadataReader.ToMetadata(metadata);
        _compiled = new Lazy<Template>(() => Templates.Template.Parse(Template));
        Partials = PartialsOf(metadata);
        _compiledPartials = new(() => Partials.ToDictionary(partial => partial.Key, partial => Templates.Template.Parse(partial.Value), StringComparer.Ordinal));
        _strict = new Lazy<DotpromptDocument>(() => ParseStrict(Source));
    }

    public string Source { get; }

    /// <summary>The Handlebars body.</summary>
    public string Template { get; }

    public PromptMetadata Metadata { get; }

    /// <summary>Errors of splitting and of YAML only; <see cref="PromptAnalyzer"/> finds the rest.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    /// <summary>Whether it is made to be part of other documents: <c>partial: true</c>.</summary>
    public bool IsPartial => MetadataJson["raw"]?["partial"] is JsonValue value && value.TryGetValue<bool>(out var marked) && marked;

    /// <summary>Texts of partials that the document brings along under <c>partials</c>, by the names it calls them, such as <c>style@3</c>.</summary>
    public IReadOnlyDictionary<string, string> Partials { get; }

    internal IReadOnlyDictionary<string, Template> CompiledPartials => _compiledPartials.Value;

    /// <summary>The metadata as the specification's JSON.</summary>
    internal JsonObject MetadataJson { get; }

    internal DocumentParts Parts { get; private init; }

    internal YamlNode? Frontmatter { get; private init; }

    internal LineMap Lines { get; private init; } = new("");

    internal Template Compiled => _compiled.Value;

    /// <summary>The same source as the reference implementation reads it.</summary>
    internal DotpromptDocument Strict => _strict.Value;

    public static DotpromptDocument Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Length > MaxLength)
        {
            var message = $"The prompt is {source.Length} characters long; at most {MaxLength} are allowed. Move large content into an input variable.";
            return new DotpromptDocument(
                source, "", MetadataReader.Prune(null), [new Diagnostic(DiagnosticSeverity.Error, "too-large", message, new TextRange(1, 1, 1, 1))]);
        }

        var lines = new LineMap(source);
        var parts = FrontmatterSplitter.Split(source);
        var diagnostics = new List<Diagnostic>();
        if (parts.Unclosed)
        {
            diagnostics.Add(new Diagnostic(
                DiagnosticSeverity.Error,
                "unclosed-frontmatter",
                "The frontmatter starts here but has no closing --- line; add a line with --- after its last key.",
                lines.Range(parts.OpenStart, parts.OpenStart + 3)));
        }

        var (root, raw) = parts.HasFrontmatter ? ReadFrontmatter(source, parts, lines, diagnostics) : (null, null);
        var template = parts.Unclosed ? "" : source[parts.BodyStart..parts.BodyEnd];
        return new DotpromptDocument(source, template, MetadataReader.Prune(raw), diagnostics) { Parts = parts, Frontmatter = root, Lines = lines };
    }

    private static Dictionary<string, string> PartialsOf(JsonObject metadata) => (metadata["raw"]?["partials"] as JsonObject ?? [])
        .Where(pair => pair.Value is JsonValue value && value.TryGetValue<string>(out _))
        .ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>(), StringComparer.Ordinal);

    private static (YamlNode? Root, JsonObject? Raw) ReadFrontmatter(string source, DocumentParts parts, LineMap lines, List<Diagnostic> diagnostics)
    {
        var reader = new YamlReader(source[parts.YamlStart..parts.YamlEnd], parts.YamlStart, lines);
        var root = reader.Read();
        diagnostics.AddRange(reader.Diagnostics);
        switch (root)
        {
            case YamlMapping mapping:
                return (root, (JsonObject)mapping.ToJson());
            case null or YamlScalar { Value: null }:
                return (null, []);
            default:
                diagnostics.Add(new Diagnostic(
                    DiagnosticSeverity.Error,
                    "invalid-frontmatter",
                    "The frontmatter must be keys and values, such as 'model: openai/gpt-4o'.",
                    lines.Range(root.Start, root.EndOfFirstLine(source))));
                return (root, []);
        }
    }

    /// <summary>Whatever is wrong with the frontmatter, the reference takes the whole source for the template.</summary>
    private static DotpromptDocument ParseStrict(string source)
    {
        var parts = FrontmatterSplitter.SplitStrict(source);
        if (!parts.HasFrontmatter)
        {
            return new DotpromptDocument(source, source, MetadataReader.Prune(null), []);
        }

        // A block scalar that ends the text ends with a line break, whether the text does or not; YamlDotNet needs to see one.
        var reader = new YamlReader(source[parts.YamlStart..parts.YamlEnd] + "\n", parts.YamlStart, new LineMap(source));
        var root = reader.Read();
        if (reader.Diagnostics.Count > 0)
        {
            var (start, end) = JsText.TrimBounds(source, 0, source.Length);
            return new DotpromptDocument(source, source[start..end], MetadataReader.Prune(null), []);
        }

        var raw = root switch
        {
            YamlMapping mapping => (JsonObject)mapping.ToJson(),
            YamlSequence sequence => Indexed(sequence.Items.Select(item => item.ToJson())),
            YamlScalar { Value: string text } => Indexed(text.Select(c => (JsonNode?)c.ToString())),
            _ => [],
        };
        return new DotpromptDocument(source, source[parts.BodyStart..parts.BodyEnd], MetadataReader.Prune(raw), []);
    }

    private static JsonObject Indexed(IEnumerable<JsonNode?> values) =>
        new(values.Select((value, index) => KeyValuePair.Create(index.ToString(System.Globalization.CultureInfo.InvariantCulture), value)));
}
