using System.Text;

namespace Portal.Tests.Dotprompt.Differential;

/// <summary>Where we differ from the reference on purpose; each is a row of the table in docs/dotprompt.md.</summary>
[Flags]
internal enum Differences
{
    None = 0,

    /// <summary>A byte order mark, blank or <c>#</c> lines before the frontmatter, nothing in it, or no line end after it.</summary>
    Frontmatter = 1,
    BrokenYaml = 2,
    FrontmatterDefaults = 4,

    /// <summary>A value, or the template's text, holds one of the reference's internal markers.</summary>
    Markers = 8,

    /// <summary>A call that renders nothing, or nonsense: block form of <c>role</c>, medium without url, helper without its value.</summary>
    LostContent = 16,

    /// <summary>A role, section or url with characters that the reference's markers cannot carry.</summary>
    MarkerNames = 32,
}

/// <summary>A document and everything it is rendered with.</summary>
internal sealed record GeneratedDocument
{
    public required string Source { get; init; }

    /// <summary>A source that the reference understands as we understand <see cref="Source"/>.</summary>
    public required string EquivalentSource { get; init; }

    public required Differences Differences { get; init; }
    public required JsonObject Partials { get; init; }
    public required JsonObject Input { get; init; }
    public required JsonObject Context { get; init; }
    public required JsonArray Messages { get; init; }
    public required JsonArray Docs { get; init; }

    /// <summary>Defaults given with the call.</summary>
    public required JsonObject CallDefaults { get; init; }

    /// <summary>Defaults of the frontmatter.</summary>
    public required JsonObject Defaults { get; init; }

    /// <summary>What the reference is asked, for the document as it is.</summary>
    public JsonObject Request() => Request(Source, CallDefaults);

    /// <summary>What the reference is asked, for the document as we understand it; null when we refuse it.</summary>
    public JsonObject? EquivalentRequest()
    {
        if (Differences == Differences.None || (Differences & (Differences.BrokenYaml | Differences.LostContent | Differences.MarkerNames)) != 0)
        {
            return null;
        }

        var defaults = new JsonObject();
        foreach (var (key, value) in Defaults.Concat(CallDefaults))
        {
            defaults[key] = value?.DeepClone();
        }

        return JsonNode.Parse(DefuseMarkers(Request(EquivalentSource, defaults).ToJsonString(s_plain)))!.AsObject();
    }

    /// <summary>Text in which a marker is no marker, of the same length.</summary>
    public static string DefuseMarkers(string json) => json.Replace("<<<dotprompt:", "<<«dotprompt:", StringComparison.Ordinal);

    public override string ToString() => new StringBuilder()
        .Append(JsonSerializer.Serialize(Source, s_plain)).Append("\n with ").Append(Request().ToJsonString(s_plain)).ToString();

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonObject Request(string source, JsonObject defaults) => new()
    {
        ["source"] = source,
        ["partials"] = Partials.DeepClone(),
        ["options"] = new JsonObject { ["input"] = new JsonObject { ["default"] = defaults.DeepClone() } },
        ["tools"] = DocumentGenerator.Tools.DeepClone(),
        ["schemas"] = DocumentGenerator.Schemas.DeepClone(),
        ["modelConfigs"] = DocumentGenerator.ModelConfigs.DeepClone(),
        ["data"] = new JsonObject
        {
            ["input"] = Input.DeepClone(),
            ["context"] = Context.DeepClone(),
            ["messages"] = Messages.DeepClone(),
            ["docs"] = Docs.DeepClone(),
        },
    };
}
