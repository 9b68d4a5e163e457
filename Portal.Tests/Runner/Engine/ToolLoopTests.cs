using Portal.Dotprompt;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Messages;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Providers;
using Portal.Runner.Tools;
using Portal.Tests.Runner.Flows;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Engine;

public class ToolLoopTests
{
    private const string Prompt = "---\ntools: [slow, fast]\n---\nHi";
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task StreamAsync_ModelAsksForTools_AnswersInRequestOrderAndAsksAgain()
    {
        var fastDone = new TaskCompletionSource();
        var tools = new FakeTool(async (call, _) =>
        {
            await (call.Tool.Name == "slow" ? fastDone.Task : Task.CompletedTask);
            return JsonValue.Create(call.Tool.Name[..1]);
        });
        var provider = Scripted([Ask("slow", "1", """{"n":1}"""), Ask("fast", "2"), Usage(10, 1)], [FakeProvider.Text("Done"), Usage(20, 2)]);

        List<GenerateEvent> events = [];
        await foreach (var item in Stream(provider, tools, Prompt))
        {
            events.Add(item);
            if (item is GenerateEvent.ToolAnswered { Request.Name: "fast" })
            {
                fastDone.SetResult();
            }
        }

        Assert.Equal(2, provider.Requests.Count);
        Assert.Equal(["slow: does slow", "fast: does fast"], provider.Requests.First().Tools.Select(static tool => $"{tool.Name}: {tool.Description}"));
        var messages = provider.Requests.Last().Messages;
        Assert.Equal(["user", "model", "tool"], messages.Select(static message => message.Role));
        AssertJson("""[{"toolRequest":{"name":"slow","ref":"1","input":{"n":1}}},{"toolRequest":{"name":"fast","ref":"2"}}]""", messages[1].Content);
        AssertJson("""[{"toolResponse":{"name":"slow","ref":"1","output":"s"}},{"toolResponse":{"name":"fast","ref":"2","output":"f"}}]""", messages[2].Content);
        Assert.Equal(["fast", "slow"], events.OfType<GenerateEvent.ToolAnswered>().Select(static answered => answered.Request.Name));
        Assert.Equal(["model 0", "model 0", "tool 1", "model 2"], events.OfType<GenerateEvent.Chunk>().Select(static chunk => $"{chunk.Role} {chunk.Index}"));
        var result = events.OfType<GenerateEvent.Completed>().Single().Result;
        Assert.Equal(("Done", "stop", 30, 3), (result.Message.Text, result.FinishReason, result.Usage.Usage.InputTokens, result.Usage.Usage.OutputTokens));
        Assert.Equal(["user", "model", "tool", "model"], result.Messages.Select(static message => message.Role));
    }

    [Fact]
    public async Task StreamAsync_TextBetweenTools_IsOneAnswerATurn()
    {
        var provider = Scripted([FakeProvider.Text("Let me "), FakeProvider.Text("look."), Ask("fast", "1")], [FakeProvider.Text("Found")]);

        var events = await RunAsync(provider, Answering("x"), Prompt);

        Assert.Equal("Let me look.", provider.Requests.Last().Messages[1].Text);
        Assert.Equal("Found", events.OfType<GenerateEvent.Completed>().Single().Result.Message.Text);
    }

    [Theory]
    [InlineData("throws", "it fell over")]
    [InlineData("crashes", "it failed unexpectedly")]
    [InlineData("unknown", "there is no such tool. There are: checked, crashes, throws")]
    [InlineData("checked", "the input does not match its schema: n is required")]
    public async Task StreamAsync_ToolFails_TellsTheModel(string tool, string expected)
    {
        var tools = new FakeTool(static (call, _) => call.Tool.Name == "throws" ? throw new ToolException("it fell over.") : throw new InvalidOperationException("secret internals"));
        var provider = Scripted([Ask(tool, "1", "{}")], [FakeProvider.Text("Sorry")]);
        var schema = (JsonObject)JsonNode.Parse("""{"type":"object","required":["n"]}""")!;

        var events = await RunAsync(provider, tools, "---\ntools: [throws, crashes, checked]\n---\nHi", call => call with
        {
            Tools = [FakeTool.Tool("throws"), FakeTool.Tool("crashes"), FakeTool.Tool("checked") with { InputSchema = schema }],
        });

        var response = Assert.IsType<ToolResponsePart>(provider.Requests.Last().Messages[^1].Content.Single());
        Assert.Contains(expected, response.Output!["error"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", response.Output.ToJsonString(), StringComparison.Ordinal);
        Assert.True(events.OfType<GenerateEvent.ToolAnswered>().Single().Failed);
        Assert.Equal("Sorry", events.OfType<GenerateEvent.Completed>().Single().Result.Message.Text);
    }

    [Fact]
    public async Task StreamAsync_AnswerOutsideTheOutputSchema_TellsTheModel()
    {
        var provider = Scripted([Ask("fast", "1")], [FakeProvider.Text("Sorry")]);

        await RunAsync(provider, Answering("text"), "---\ntools: [fast]\n---\nHi", static call => call with
        {
            Tools = [FakeTool.Tool("fast") with { OutputSchema = (JsonObject)JsonNode.Parse("""{"type":"number"}""")! }],
        });

        var response = Assert.IsType<ToolResponsePart>(provider.Requests.Last().Messages[^1].Content.Single());
        Assert.Contains("must be number", response.Output!["error"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamAsync_ToolHangs_EndsItAtItsTimeLimit()
    {
        var tools = new FakeTool(static (_, _) => new TaskCompletionSource<JsonNode?>().Task); // listens to nobody
        var provider = Scripted([Ask("fast", "1")], [FakeProvider.Text("Sorry")]);

        var running = RunAsync(provider, tools, "---\ntools: [fast]\n---\nHi", static call => call with
        {
            Tools = [FakeTool.Tool("fast") with { Settings = new JsonObject { ["timeoutSeconds"] = 3 } }],
        });
        Assert.Equal(TimeSpan.FromSeconds(3), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(3)));
        await running;

        var response = Assert.IsType<ToolResponsePart>(provider.Requests.Last().Messages[^1].Content.Single());
        Assert.Equal("Tool \"fast\": it did not answer within 3 seconds.", response.Output!["error"]!.ToString());
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("maxTurns: 2\n", 2)]
    [InlineData("maxTurns: 0\n", 0)]
    public async Task StreamAsync_ModelLoopsForEver_EndsAfterMaxTurns(string frontmatter, int turns)
    {
        var tools = Answering("x");
        var provider = new FakeProvider(static (_, _) => new[] { Ask("fast", "1"), Usage(10, 1) }.ToAsyncEnumerable());

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, tools, $"---\n{frontmatter}tools: [fast]\n---\nHi"));

        Assert.Equal(GenkitStatus.Aborted, error.Status);
        Assert.Contains($"more than {turns} times", error.Message, StringComparison.Ordinal);
        Assert.Equal((turns, turns + 1), (tools.Calls.Count, provider.Requests.Count));
        Assert.Equal(10 * (turns + 1), error.Usage!.Usage.InputTokens);
    }

    [Fact]
    public async Task StreamAsync_ManyRequestsAtOnce_AnswersABoundedNumber()
    {
        var tools = Answering("x");
        var provider = Scripted([.. Enumerable.Range(0, 70).Select(static index => Ask("fast", $"{index}"))], [FakeProvider.Text("ok")]);

        await RunAsync(provider, tools, Prompt);

        Assert.Equal(ToolCalls.MaxPerTurn, tools.Calls.Count);
        Assert.Equal(70, provider.Requests.Last().Messages[^1].Content.Count);
    }

    [Fact]
    public async Task StreamAsync_ToolWithoutImplementation_Interrupts()
    {
        var tools = Answering("x");
        var provider = Scripted([Ask("approve", "1", """{"sum":5}"""), Ask("fast", "2")], []);

        var events = await RunAsync(provider, tools, "---\ntools: [approve, fast]\noutput:\n  format: json\n---\nHi", static call => call with
        {
            Tools = [FakeTool.Tool("fast"), new ToolDescriptor { Name = "approve" }],
        });

        var result = events.OfType<GenerateEvent.Completed>().Single().Result;
        Assert.Equal("interrupted", result.FinishReason);
        AssertJson("""
            [{"toolRequest":{"name":"approve","ref":"1","input":{"sum":5}},"metadata":{"interrupt":true}},
             {"toolRequest":{"name":"fast","ref":"2"},"metadata":{"pendingOutput":"x"}}]
            """, result.Message.Content);
        Assert.Single(provider.Requests);
    }

    [Fact]
    public async Task StreamAsync_HistoryEndsWithToolAnswers_GoesOnFromThere()
    {
        var provider = Scripted([FakeProvider.Text("Paid")]);

        await RunAsync(provider, Answering("x"), "---\ntools: [fast]\n---\n{{role \"system\"}}Be kind.{{role \"user\"}}Pay", static call => call with
        {
            History =
            [
                new Message("user", [new TextPart("Pay")]), new Message("model", [new ToolRequestPart("approve", "1", null)]),
                new Message("tool", [new ToolResponsePart("approve", "1", JsonValue.Create(true))]),
            ],
        });

        Assert.Equal(["system", "user", "model", "tool"], provider.Requests.Single().Messages.Select(static message => message.Role));
    }

    [Fact]
    public async Task StreamAsync_ReturnToolRequests_LeavesThemToTheCaller()
    {
        var tools = Answering("x");
        var provider = Scripted([Ask("fast", "1")], []);

        var events = await RunAsync(provider, tools, "---\ntools: [fast]\nreturnToolRequests: true\n---\nHi");

        Assert.Empty(tools.Calls);
        var result = events.OfType<GenerateEvent.Completed>().Single().Result;
        Assert.Equal("stop", result.FinishReason);
        Assert.IsType<ToolRequestPart>(result.Message.Content.Single());
    }

    [Fact]
    public async Task StreamAsync_ToolChoiceRequired_IsAskedForOnce()
    {
        var provider = Scripted([Ask("fast", "1")], [FakeProvider.Text("ok")]);

        await RunAsync(provider, Answering("x"), "---\ntools: [fast]\ntoolChoice: required\n---\nHi");

        Assert.Equal(["required", "auto"], provider.Requests.Select(static request => request.ToolChoice));
    }

    [Theory]
    [InlineData("tools: [mail]", "uses the tool \"mail\", which the flow does not have. There are: slow, fast.")]
    [InlineData("toolChoice: maybe", "toolChoice of the prompt must be auto, required or none.")]
    [InlineData("maxTurns: -1", "maxTurns of the prompt must be a whole number from 0 to 100.")]
    [InlineData("maxTurns: 1.5", "maxTurns of the prompt must be")]
    [InlineData("returnToolRequests: perhaps", "returnToolRequests of the prompt must be true or false.")]
    [InlineData("toolDefs:\n  - description: nameless", "toolDefs of the prompt: name is missing.")]
    public async Task StreamAsync_WrongToolSettings_SaysWhichAndAsksNobody(string frontmatter, string expected)
    {
        var provider = Scripted([]);

        var error = await Assert.ThrowsAsync<GenkitException>(() => RunAsync(provider, Answering("x"), $"---\n{frontmatter}\n---\nHi"));

        Assert.Equal(GenkitStatus.InvalidArgument, error.Status);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Empty(provider.Requests);
    }

    [Fact]
    public async Task StreamAsync_NamesVendorsRefuse_AreTranslatedBothWays()
    {
        var provider = new FakeProvider(static (request, _) =>
            (request.Messages.Count == 1 ? Ask(request.Tools[0].Name, "1") : FakeProvider.Text("ok")) is var chunk ? new[] { chunk }.ToAsyncEnumerable() : throw new InvalidOperationException());
        var tools = Answering("x");

        var events = await RunAsync(provider, tools, "---\ntools: [\"web/search für alle\"]\n---\nHi", static call => call with { Tools = [FakeTool.Tool("web/search für alle")] });

        Assert.Matches("^[A-Za-z_][A-Za-z0-9_-]{0,63}$", provider.Requests.First().Tools.Single().Name);
        Assert.Equal("web/search für alle", tools.Calls.Single().Tool.Name);
        Assert.Equal("web/search für alle", events.OfType<GenerateEvent.ToolCalled>().Single().Request.Name);
        Assert.Equal(provider.Requests.First().Tools.Single().Name, Assert.IsType<ToolRequestPart>(provider.Requests.Last().Messages[1].Content.Single()).Name);
    }

    [Fact]
    public async Task StreamAsync_Cancelled_StopsRunningTools()
    {
        using var source = new CancellationTokenSource();
        var stopped = new TaskCompletionSource();
        var tools = new FakeTool(async (_, token) =>
        {
            token.Register(stopped.SetResult);
            await source.CancelAsync();
            return await new TaskCompletionSource<JsonNode?>().Task;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(Scripted([Ask("fast", "1")], []), tools, Prompt, cancellationToken: source.Token));

        await stopped.Task.WaitAsync(ManualTimeProvider.Patience);
    }

    [Fact]
    public async Task StreamAsync_EnumerationEnds_StopsRunningTools()
    {
        var stopped = new TaskCompletionSource();
        var tools = new FakeTool(async (call, token) =>
        {
            if (call.Tool.Name == "fast")
            {
                return null;
            }

            token.Register(stopped.SetResult);
            return await new TaskCompletionSource<JsonNode?>().Task;
        });

        await foreach (var item in Stream(Scripted([Ask("slow", "1"), Ask("fast", "2")], []), tools, Prompt))
        {
            if (item is GenerateEvent.ToolAnswered)
            {
                break;
            }
        }

        await stopped.Task.WaitAsync(ManualTimeProvider.Patience);
    }

    private static FakeTool Answering(string text) => new((_, _) => Task.FromResult<JsonNode?>(JsonValue.Create(text)));

    private static ModelChunk Ask(string tool, string reference, string? input = null) =>
        new() { Content = [new ToolRequestPart(tool, reference, input is null ? null : JsonNode.Parse(input))] };

    private static ModelChunk Usage(long input, long output) =>
        new() { FinishReason = "stop", Usage = new TokenUsage { InputTokens = input, OutputTokens = output } };

    /// <summary>One list of chunks a turn.</summary>
    private static FakeProvider Scripted(params ModelChunk[][] turns)
    {
        var turn = -1;
        return new FakeProvider((_, _) => turns[Interlocked.Increment(ref turn)].Append(new ModelChunk { FinishReason = "stop" }).ToAsyncEnumerable());
    }

    private async Task<List<GenerateEvent>> RunAsync(
        FakeProvider provider, FakeTool tools, string prompt, Func<GenerateCall, GenerateCall>? change = null, CancellationToken cancellationToken = default) =>
        await Stream(provider, tools, prompt, change, cancellationToken).ToListAsync(cancellationToken);

    private IAsyncEnumerable<GenerateEvent> Stream(
        FakeProvider provider, FakeTool tools, string prompt, Func<GenerateCall, GenerateCall>? change = null, CancellationToken cancellationToken = default)
    {
        var call = new GenerateCall
        {
            Prompt = DotpromptDocument.Parse(prompt),
            Runtime = new RuntimeConfig { DefaultModel = new RuntimeModel { Provider = "fake", Model = "m" } },
            Credentials = new EnvironmentCredentials(),
            Tools = [FakeTool.Tool("slow"), FakeTool.Tool("fast")],
        };
        return new FlowEngine(new ProviderCatalog([provider]), _time, tools.Catalog).StreamAsync(change?.Invoke(call) ?? call, cancellationToken);
    }

    private static void AssertJson(string expected, IReadOnlyList<Part> actual)
    {
        var json = JsonSerializer.SerializeToNode(actual, DotpromptJson.Options);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), json), json!.ToJsonString());
    }
}
