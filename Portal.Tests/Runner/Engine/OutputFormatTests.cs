using Portal.Dotprompt.Documents;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Engine;

public class OutputFormatTests
{
    private const string City = "  schema:\n    city: string\n";
    private const string Cities = "  schema:\n    type: array\n    items:\n      type: object\n      required: [city]\n      properties:\n        city:\n          type: string\n";
    private const string Moods = "  schema:\n    type: string\n    enum: [good, bad]\n";

    [Theory]
    [InlineData(City, "Sure: {\"city\":\"Bonn\"}", """{"city":"Bonn"}""")]
    [InlineData("  format: json\n", "[1]", "[1]")]
    [InlineData("  format: json\n", "```json\nnull\n``` is {\"a\":null}", """{"a":null}""")]
    [InlineData("  format: array\n", "Here: [1, \"two\", {}] done", """[1,"two",{}]""")]
    [InlineData("  format: array\n" + Cities, "{\"note\":1} [{\"city\":\"Bonn\"}]", """[{"city":"Bonn"}]""")]
    [InlineData("  format: jsonl\n" + Cities, "```\n{\"city\":\"Bonn\"}\nand\n {\"city\":'Ulm',}\n```", """[{"city":"Bonn"},{"city":"Ulm"}]""")]
    [InlineData("  format: jsonl\n" + Cities, "nothing", "[]")]
    [InlineData("  format: enum\n" + Moods, " \"good\"\n", "\"good\"")]
    [InlineData("  format: text\n", "{\"a\":1}", null)]
    [InlineData("  format: text\n" + City, "plain", null)]
    public async Task StreamAsync_Format_DecidesWhatIsRead(string output, string answer, string? expected) =>
        Assert.Equal(expected, (await AnswerAsync(output, answer)).Output?.ToJsonString());

    [Theory]
    [InlineData("  format: array\n" + Cities, "[{\"city\":\"Bonn\"},{\"ci", "is not a JSON array: it was cut off; raise maxOutputTokens")]
    [InlineData("  format: array\n", "[1,{\"a\":2", """[1,{"a":2}]""")]
    [InlineData("  format: jsonl\n" + Cities, "{\"city\":\"Bonn\"}\n{\"city\":\"U", """[{"city":"Bonn"}]""")]
    [InlineData(City, "{\"city\":\"Bo", """{"city":"Bo"}""")]
    [InlineData(City, "{\"ci", "is not JSON: it was cut off")]
    [InlineData(City, "Well", "is not JSON: it was cut off; raise maxOutputTokens")]
    public async Task StreamAsync_CutOffAnswer_CountsWhenItFits(string output, string answer, string expected)
    {
        try
        {
            Assert.Equal(expected, (await AnswerAsync(output, answer, "length")).Output?.ToJsonString());
        }
        catch (GenkitException exception)
        {
            Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("  format: json\n", "no", "stop", "is not JSON: ask for JSON in the prompt")]
    [InlineData("  format: json\n", "no", "blocked", "is not JSON: the provider blocked it")]
    [InlineData("  format: array\n", "{\"a\":1}", "stop", "is not a JSON array")]
    [InlineData("  format: jsonl\n", "{broken\n{\"a\":1}", "stop", "is not JSON")]
    [InlineData("  format: enum\n" + Moods, "fine", "stop", "must be one of [\"good\",\"bad\"]")]
    [InlineData(City, "{\"city\":5}", "stop", "city must be string")]
    public async Task StreamAsync_AnswerOfAnotherShape_SaysWhyAndTellsTheUsage(string output, string answer, string finishReason, string expected)
    {
        var error = await Assert.ThrowsAsync<GenkitException>(() => AnswerAsync(output, answer, finishReason));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(11, error.Usage!.Usage.InputTokens);
    }

    [Theory]
    [InlineData("  format: yaml\n", "is \"yaml\"; it must be one of text, json, array, jsonl, enum")]
    [InlineData("  format: array\n" + City, "needs a schema of an array")]
    [InlineData("  format: jsonl\n" + Moods, "needs a schema of an array of objects")]
    [InlineData("  format: enum\n" + City, "needs a schema of an enum")]
    public async Task StreamAsync_WrongFormat_SaysWhich(string output, string expected)
    {
        var error = await Assert.ThrowsAsync<GenkitException>(() => AnswerAsync(output, "x"));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(City, null, "{}", true, "Hi")] // the vendor's own mode
    [InlineData(City + "  instructions: true\n", null, "{}", true, "Hi\n\nAnswer with one JSON value that matches")]
    [InlineData(City + "  instructions: Be terse.\n", null, "{}", true, "Hi\n\nBe terse.")]
    [InlineData(City + "  constrained: false\n", null, "{}", false, "Hi\n\nAnswer with one JSON value")]
    [InlineData(City, "none", "{}", false, "Hi\n\nAnswer with one JSON value")]
    [InlineData(City, "all", "{}", true, "Hi")]
    [InlineData(City, "no-tools", "{}", true, "Hi")]
    [InlineData(City + "  instructions: false\n", "none", "{}", false, "Hi")]
    [InlineData("  format: array\n" + Cities, null, "[]", false, "Hi\n\nAnswer with one JSON array")]
    [InlineData("  format: jsonl\n" + Cities, null, "", false, "Hi\n\nAnswer with JSON objects, each whole on a line")]
    [InlineData("  format: enum\n" + Moods, null, "good", false, "Hi\n\nAnswer with exactly one of these values and nothing else: no explanation, no quotes.\n\ngood\nbad")]
    [InlineData("  format: array\n", null, "[]", false, "Hi")] // no schema, no words
    public async Task StreamAsync_Format_AsksTheVendorOrUsesWords(string output, string? constrained, string answer, bool isNative, string expected)
    {
        var provider = FakeProvider.Saying(answer);
        try
        {
            await RunAsync(provider, $"---\noutput:\n{output}---\nHi", constrained is null ? null : $$"""{"constrained":"{{constrained}}"}""");
        }
        catch (GenkitException exception) when (exception.Message.Contains("output schema", StringComparison.Ordinal))
        {
            // What was asked is what counts here.
        }

        var request = provider.Requests.Single();
        Assert.Equal((isNative ? "json" : null, isNative), (request.OutputFormat, request.OutputSchema is not null));
        Assert.StartsWith(expected, request.Messages.Single().Text, StringComparison.Ordinal);
        Assert.True(expected.Contains('\n', StringComparison.Ordinal) || request.Messages.Single().Text == expected);
    }

    [Fact]
    public async Task StreamAsync_Instructions_GoToTheSystemMessageOrTheirPlace()
    {
        var system = FakeProvider.Saying("[]");
        await RunAsync(system, $"---\noutput:\n  format: array\n{Cities}---\n{{{{role \"system\"}}}}Be kind.{{{{role \"user\"}}}}Hi");
        var place = FakeProvider.Saying("[]");
        await RunAsync(place, $"---\noutput:\n  format: array\n{Cities}---\nHi {{{{section \"output\"}}}} there");

        Assert.StartsWith("Be kind.\n\nAnswer with one JSON array", system.Requests.Single().Messages[0].Text, StringComparison.Ordinal);
        Assert.StartsWith("Hi Answer with one JSON array", place.Requests.Single().Messages.Single().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_Instructions_KeepTheWordsOfTheSchema()
    {
        var provider = FakeProvider.Saying("[]");
        await RunAsync(provider, "---\noutput:\n  format: array\n  schema:\n    type: array\n    items: { type: string, description: l'été à 東京 }\n---\nHi");

        Assert.Contains("l'été à 東京", provider.Requests.Single().Messages.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"tools":false}""", "---\ntoolDefs:\n  - name: a\n---\nHi", "does not support tools (info.supports.tools is false), and the prompt uses tools")]
    [InlineData("""{"media":false}""", "Hi {{media url=\"https://x.test/a.png\"}}", "does not support media")]
    [InlineData("""{"multiturn":false}""", "Hi{{role \"model\"}}Yes?{{role \"user\"}}Bye", "does not support multiturn")]
    public async Task StreamAsync_ModelLacksAnAbility_SaysWhich(string supports, string prompt, string expected)
    {
        var provider = FakeProvider.Saying("x");

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, prompt, supports));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task StreamAsync_ModelWithoutSystemRole_GetsItsInstructionsFromTheUser()
    {
        var provider = FakeProvider.Saying("x");

        await RunAsync(provider, "{{role \"system\"}}Be kind.{{role \"user\"}}Hi", """{"systemRole":false}""");

        Assert.Equal(["user: SYSTEM INSTRUCTIONS:\nBe kind.", "model: Understood.", "user: Hi"],
            provider.Requests.Single().Messages.Select(static message => $"{message.Role}: {message.Text}"));
    }

    private static Task<GenerateResult> AnswerAsync(string output, string answer, string finishReason = "stop") => RunAsync(
        new FakeProvider((_, _) => new[] { FakeProvider.Text(answer), FakeProvider.End with { FinishReason = finishReason } }.ToAsyncEnumerable()), $"---\noutput:\n{output}---\nHi");

    private static async Task<GenerateResult> RunAsync(FakeProvider provider, string prompt, string? supports = null)
    {
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse(prompt),
            Runtime = new RuntimeConfig
            {
                DefaultModel = new RuntimeModel { Provider = "fake", Model = "m", Info = supports is null ? null : new JsonObject { ["supports"] = JsonNode.Parse(supports) } },
            },
            Credentials = new EnvironmentCredentials(),
        };
        var events = await new FlowEngine(new ProviderCatalog([provider]), TimeProvider.System).StreamAsync(call, CancellationToken.None).ToListAsync();
        return events.OfType<GenerateEvent.Completed>().Single().Result;
    }
}
