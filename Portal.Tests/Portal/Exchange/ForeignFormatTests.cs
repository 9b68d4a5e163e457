using System.Text;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Features.Exchange;
using Portal.Features.Exchange.Export;
using Portal.Features.Exchange.Reading;

namespace Portal.Tests.Portal.Exchange;

public class ForeignFormatTests
{
    private const string Responses = """
        {"id": "pmpt_68ab", "version": "3", "name": "Support reply", "description": "Answers customers.", "model": "gpt-4.1",
         "instructions": "Be kind to {{customer}}.",
         "input": [{"role": "developer", "content": [{"type": "input_text", "text": "Answer as JSON like {\"a\": {{x}}}."}]},
                   {"role": "user", "content": [{"type": "input_text", "text": "Look:"}, {"type": "input_image", "image_url": "{{photo}}"}]},
                   {"type": "function_call_output", "call_id": "c", "output": "1"}],
         "variables": {"customer": "Ada", "x": {"type": "input_text", "text": "1"}},
         "text": {"format": {"type": "json_schema", "name": "reply", "strict": true, "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "verbosity": "low"},
         "reasoning": {"effort": "low"}, "temperature": 0.3, "max_output_tokens": 500, "tool_choice": "auto",
         "tools": [{"type": "function", "name": "find_order", "description": "Finds it.", "parameters": {"type": "object", "properties": {"id": {"type": "string"}}}},
                   {"type": "mcp", "server_label": "x", "server_url": "https://example.com", "headers": {"Authorization": "Bearer sk-abcdefghijklmnopqrstuv"}}],
         "store": true, "stream": true}
        """;

    [Fact]
    public void OpenAi_Responses_BecomesADocumentAndSaysWhatIsLost()
    {
        var prompt = Read(Responses);

        Assert.Equal((PromptFormat.OpenAi, "Support reply", null), (prompt.Format, prompt.Name, prompt.Problem));
        var document = DotpromptDocument.Parse(prompt.Content!);
        Assert.DoesNotContain(PromptAnalyzer.Analyze(document, new AnalysisContext()), found => found.Severity == DiagnosticSeverity.Error);
        var metadata = document.Metadata;
        Assert.Equal(("openai/gpt-4.1", "Answers customers."), (metadata.Model, metadata.Description));
        AssertJson("""{"temperature":0.3,"maxOutputTokens":500,"verbosity":"low","reasoning_effort":"low"}""", metadata.Config);
        AssertJson("""{"schema":{"customer":"string","x":"string","photo":"string"},"default":{"customer":"Ada","x":"1"}}""", metadata.Input);
        AssertJson("""{"format":"json","schema":{"type":"object","properties":{"a":{"type":"integer"}}}}""", metadata.Output);
        Assert.Equal(["find_order"], metadata.Tools);
        Assert.Equal(["system", "system", "user"], PlainTemplate.Of(document).Select(message => message.Role));
        Assert.DoesNotContain("sk-abc", prompt.Content, StringComparison.Ordinal);
        Assert.Equal(
            ["input[2]", "stream", "tools[0].headers.Authorization", "tools[1]"],
            prompt.Notes.Where(note => note.Kind == NoteKind.Lost).Select(note => note.Field).Order(StringComparer.Ordinal));
        Assert.Contains(prompt.Notes, note => note is { Kind: NoteKind.Kept, Field: "store" });
    }

    [Theory]
    [InlineData("""{"prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Oslo"}}}""")]
    [InlineData("""{"id": "pmpt_1", "version": "2"}""")]
    public void OpenAi_OnlyAReference_SaysThatTheTextIsElsewhere(string json) =>
        Assert.Contains("dashboard", Read(json).Problem, StringComparison.Ordinal);

    [Fact]
    public void OpenAi_Versions_BecomeHistory()
    {
        var prompt = Read("""{"id": "pmpt_1", "name": "greet", "versions": [{"version": 2, "instructions": "Two"}, {"version": 1, "instructions": "One"}]}""");

        Assert.Contains("Two", prompt.Content, StringComparison.Ordinal);
        Assert.Equal("Version 1 from OpenAI", Assert.Single(prompt.History).Message);
    }

    /// <summary>In the form this portal writes, so that import and export give the same again.</summary>
    public static TheoryData<string> LangfuseCases() =>
    [
        """{"name":"movie-critic","type":"text","prompt":"As a {{level}} critic, do you like {{movie}}?","config":{"model":"gpt-4o","temperature":0.5,"supported_languages":["en","fr"]},"labels":["production","latest"],"tags":["movies"],"version":1,"commitMessage":"first"}""",
        """{"name":"chat","type":"chat","prompt":[{"role":"system","content":"You are {{who}}. {\"json\": {{x}}}"},{"type":"placeholder","name":"chat_history"},{"role":"user","content":"{{question}}"}],"config":{},"labels":[],"tags":[]}""",
        """{"name":"one message","type":"chat","prompt":[{"role":"user","content":"Hello"}],"config":{"model":"llama-9","top_p":0.5,"max_tokens":10},"labels":[],"tags":[]}""",
        """{"name":"with tools","type":"chat","prompt":[{"role":"assistant","content":"@@@langfusePrompt:name=base-rules|label=production@@@ go"}],"config":{"model":"claude-x","tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],"tool_choice":"auto","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","properties":{"a":{"type":"string"}}}}}},"labels":[],"tags":[]}""",
    ];

    [Theory]
    [MemberData(nameof(LangfuseCases))]
    public void Langfuse_ImportedAndExported_IsTheSame(string json)
    {
        var prompt = Read(json);
        Assert.Null(prompt.Problem);

        var (body, notes) = LangfuseWriter.Write(new ExportedPrompt("n", prompt.Content!, []));

        AssertJson(json, body);
        Assert.Empty(notes);
    }

    [Fact]
    public void Langfuse_ExportOfManyVersions_IsOnePromptWithHistory()
    {
        var prompts = PromptReader.Read([File("""
            {"data": [{"name": "a", "version": 2, "prompt": "two", "type": "text", "labels": []},
                      {"name": "b", "version": 1, "prompt": "other", "type": "text"},
                      {"name": "a", "version": 1, "prompt": "one", "type": "text", "labels": ["production"], "commitMessage": "first"}]}
            """, "export.json")], null, "demo");

        Assert.Equal(["a", "b"], prompts.Select(prompt => prompt.Name));
        Assert.EndsWith("two\n", prompts[0].Content, StringComparison.Ordinal);
        Assert.Equal("Version 1 from Langfuse (production): first", Assert.Single(prompts[0].History).Message);
        Assert.Contains(prompts[0].Notes, note => note.Kind == NoteKind.Warning && note.Text.Contains("production", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"a","model":"gpt-4.1","messages":[{"role":"system","content":"S {{x}}"},{"role":"user","content":"U"}],"temperature":1,"max_completion_tokens":5,"stop":["a"],"response_format":{"type":"json_object"},"tools":[{"type":"function","function":{"name":"f","description":"d"}}],"tool_choice":"required"}""")]
    [InlineData("""{"name":"a","description":"d","model":"o4-mini","input":[{"role":"user","content":[{"type":"input_text","text":"See"},{"type":"input_image","image_url":"https://example.com/a.png"},{"type":"input_text","text":"and say"}]}],"variables":{"x":"y"},"max_output_tokens":7,"reasoning":{"effort":"high"},"text":{"verbosity":"low","format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object"}}},"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}],"store":false}""")]
    public void OpenAi_ImportedAndExported_IsTheSame(string json)
    {
        var prompt = Read(json);
        Assert.Null(prompt.Problem);

        var (body, notes) = OpenAiWriter.Write(new ExportedPrompt("n", prompt.Content!, []));

        // A variable without a use is not in the template, and its default stays away.
        var expected = JsonNode.Parse(json)!.AsObject();
        if (!json.Contains("{{x}}", StringComparison.Ordinal))
        {
            expected.Remove("variables");
        }

        AssertJson(expected.ToJsonString(), body);
        Assert.Empty(notes);
    }

    [Fact]
    public void Export_WhatTheOthersCannotSay_IsListed()
    {
        const string Document = "---\nmodel: demo/echo-stream\ninput:\n  schema:\n    n: integer\ntools: [nobody]\n---\n{{role \"system\"}}{{#if n}}a{{/if}} {{>part}} {{json n}}{{history}}{{role \"user\"}}{{media url=n}} {{n}}";

        var (_, openAi) = OpenAiWriter.Write(new ExportedPrompt("n", Document, []));
        var (_, langfuse) = LangfuseWriter.Write(new ExportedPrompt("n", Document, []));

        Assert.Equal(["input.schema", "model", "input[0]", "input[0]", "input[0]", "input[1]", "tools"], openAi.Select(note => note.Field));
        Assert.Equal(["input.schema", "prompt[0]", "prompt[0]", "prompt[2]", "tools"], langfuse.Select(note => note.Field));
    }

    [Theory]
    [InlineData("[]", "no prompt in it")]
    [InlineData("{\"a\": 1}", "no prompt that is known")]
    [InlineData("{\"a\": 1, \"a\": 2}", "not JSON that can be read")]
    [InlineData("{\"messages\": [}", "not JSON that can be read")]
    [InlineData("{\"messages\": []}", "no text for a model")]
    [InlineData("{\"messages\": \"", "not JSON that can be read")]
    [InlineData("{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}]}", "no text for a model")]
    [InlineData("{\"name\": \"a\", \"prompt\": 7}", "no prompt that is known")]
    [InlineData("{\"messages\": [{\"role\": \"user\", \"content\": [1, null, {\"type\": 3}]}]}", "no text for a model")]
    public void Read_JsonThatIsNoPrompt_SaysWhy(string json, string expected) => Assert.Contains(expected, Read(json).Problem, StringComparison.Ordinal);

    private static ForeignPrompt Read(string json) => Assert.Single(PromptReader.Read([File(json, "x.json")], null, "demo"));

    private static SourceFile File(string text, string name) => new(name, Encoding.UTF8.GetBytes(text));

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual?.ToJsonString() ?? "null")), $"expected {expected}\nactual   {actual?.ToJsonString()}");
}
