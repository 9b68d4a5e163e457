using Portal.Dotprompt;
using Portal.Dotprompt.Rendering;
using Portal.Dotprompt.Schemas;
using Portal.Tests.Shared;

namespace Portal.Tests.Dotprompt;

/// <summary>Inputs with the output of the reference implementation (Cases/cases.json), run in compatibility mode.</summary>
public class CompatibilityTests
{
    /// <summary>Where we differ on purpose, and why. A case that begins to pass must leave this list.</summary>
    private static readonly Dictionary<string, string> s_exceptions = new(StringComparer.Ordinal)
    {
        ["hb 4"] = "The reference adds two numbers that stand side by side ({{@../index}}{{@index}} gives their sum); we write both.",
    };

    private static readonly JsonObject s_cases =
        JsonNode.Parse(File.ReadAllText(Repository.Path("Portal.Tests", "Dotprompt", "Cases", "cases.json")))!.AsObject();

    public static TheoryData<string> RenderCases => [.. s_cases["render"]!.AsArray().Select(item => item!["name"]!.GetValue<string>())];

    public static TheoryData<string> PicoschemaCases => [.. s_cases["picoschema"]!["cases"]!.AsArray().Select(item => item!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(RenderCases))]
    public void Render_ReferenceCase_GivesTheReferencesMessages(string name)
    {
        var item = new PromptCase(Find(s_cases["render"]!, name), strict: true);
        var exception = Record.Exception(() => AssertMatches(item));
        Assert.True(exception is null != s_exceptions.ContainsKey(name), exception?.Message ?? $"'{name}' passes now: remove it from the exceptions.");
    }

    [Theory]
    [MemberData(nameof(PicoschemaCases))]
    public void ToJsonSchema_ReferenceCase_GivesTheReferencesSchema(string name)
    {
        var item = Find(s_cases["picoschema"]!["cases"]!, name);
        if (item.ContainsKey("error"))
        {
            Assert.Throws<PicoschemaException>(() => Convert(item["schema"]));
            return;
        }

        Assert.Equal(item["expect"]?.ToJsonString(), Convert(item["schema"])?.ToJsonString());
    }

    private static JsonObject? Convert(JsonNode? schema) =>
        Picoschema.ToJsonSchema(schema, name => s_cases["picoschema"]!["namedSchemas"]![name] as JsonObject);

    private static void AssertMatches(PromptCase item)
    {
        if (item.Expected is null)
        {
            Assert.Throws<PromptRenderException>(item.Render);
            return;
        }

        var rendered = item.Render();
        Assert.Equal(item.Expected["messages"]!.ToJsonString(DotpromptJson.Options), PromptCase.Messages(rendered));
        Assert.Equal(item.Expected["raw"]?.ToJsonString(), rendered.Metadata.Raw?.ToJsonString());
        Assert.Equal(PromptCase.Metadata(item.ExpectedMetadata), PromptCase.Metadata(item.RenderMetadata().Metadata));
    }

    private static JsonObject Find(JsonNode cases, string name) => cases.AsArray().First(item => item!["name"]!.GetValue<string>() == name)!.AsObject();
}
