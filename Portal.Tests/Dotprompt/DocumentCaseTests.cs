using Portal.Dotprompt;
using Portal.Tests.Shared;

namespace Portal.Tests.Dotprompt;

/// <summary>The language as it is served (Cases/documents.json): the specification's behaviour, with our safer treatment of frontmatter, defaults and markers.</summary>
public class DocumentCaseTests
{
    private static readonly JsonArray s_cases =
        JsonNode.Parse(File.ReadAllText(Repository.Path("Portal.Tests", "Dotprompt", "Cases", "documents.json")))!["render"]!.AsArray();

    public static TheoryData<string> Cases => [.. s_cases.Select(item => item!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_Case_GivesTheExpectedMessages(string name)
    {
        var item = new PromptCase(s_cases.First(found => found!["name"]!.GetValue<string>() == name)!.AsObject(), strict: false);
        var rendered = item.Render();
        Assert.Equal(
            PromptCase.Sorted(item.Expected!["messages"])!.ToJsonString(DotpromptJson.Options),
            PromptCase.Sorted(JsonNode.Parse(PromptCase.Messages(rendered)))!.ToJsonString(DotpromptJson.Options));
        if (item.ExpectedMetadata is not null)
        {
            Assert.Equal(PromptCase.Metadata(item.ExpectedMetadata), PromptCase.Metadata(item.RenderMetadata().Metadata));
        }
    }
}
