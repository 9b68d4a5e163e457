using System.Net;
using Portal.Runner.Content;
using Portal.Runner.Contract;
using Portal.Runner.Flows;
using Portal.Runner.Usage;
using Portal.Tests.Portal;
using Portal.Tests.Runner.Budgets;
using Portal.Tests.Runner.Flows;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Content;

/// <summary>What a runner sends of what was said in calls, on the wire.</summary>
public sealed class RunnerContentTests : IDisposable
{
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private const string Prompt = "---\nmodel: fake/m\ninput:\n  schema:\n    type: object\n    properties:\n      name: {type: string}\n      pin: {type: string, writeOnly: true}\n---\nHi {{name}}";
    private const string Body = """{"data":{"name":"ada@example.com","pin":"tangerine","deep":{"password":"marmalade"},"photo":"data:image/png;base64,AAAABBBB"}}""";
    private const string Answer = "Mail bob@example.com, tangerine, 4111 1111 1111 1111";

    private readonly string _spool = Directory.CreateTempSubdirectory("content-spool-").FullName;

    public void Dispose() => Directory.Delete(_spool, recursive: true);

    public static TheoryData<string> Paths => ["/greeting", "/hello", "/greeting?stream=true"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Call_PolicyIsOff_SendsNoByteOfIt(string path)
    {
        var sent = await CallAsync(path, new ContentPolicy());

        Assert.All(["content", "ada@", "example", "tangerine", "Mail", "image/png"], word => Assert.DoesNotContain(word, sent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_PortalIsOlderAndSaysNothingOfIt_SendsNoByteOfIt() =>
        Assert.DoesNotContain("content", await CallAsync("/greeting", null), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Call_PolicyIsFull_SendsAllButMedia(string path)
    {
        var content = ContentOf(await CallAsync(path, new ContentPolicy { Flows = RunKeeping.Full }));

        Assert.Equal((RunKeeping.Full, Answer, null, null), (content.Kept, content.Output, content.OutputLength, content.Error));
        var input = JsonNode.Parse(content.Input)!;
        Assert.Equal(("ada@example.com", "tangerine"), (input["name"]!.ToString(), input["pin"]!.ToString()));
        Assert.StartsWith("(media image/png, 6 bytes, sha256 ", input["photo"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Call_PolicyIsRedacted_SendsNoByteOfASecret(string path)
    {
        var sent = await CallAsync(path, new ContentPolicy { Flows = RunKeeping.Redacted, SecretVariables = ["other"] });

        Assert.All(["ada@", "bob@", "tangerine", "marmalade", "4111", "AAAABBBB"], word => Assert.DoesNotContain(word, sent, StringComparison.Ordinal));
        var content = ContentOf(sent);
        Assert.Equal((RunKeeping.Redacted, "Mail (address), (secret), (card number)"), (content.Kept, content.Output));
        Assert.Equal("(address)", JsonNode.Parse(content.Input)!["name"]!.ToString());
    }

    [Theory]
    [InlineData("tan\"gerine")]
    [InlineData("tan\\gerine")]
    [InlineData("tan\ngerine")]
    [InlineData("tan\ud83c\udf4agerine")]
    public async Task Call_JsonAnswerRepeatsASecretThatJsonEscapes_SendsNoByteOfIt(string secret)
    {
        var answer = new JsonObject { ["said"] = $"it is {secret}", [secret] = new JsonArray(secret, "bob@example.com"), ["text"] = new JsonObject { ["pin"] = secret }.ToJsonString(s_relaxed) };
        var body = new JsonObject { ["name"] = "Ada", ["pin"] = secret };

        var sent = await CallAsync(
            "/hello", new ContentPolicy { Flows = RunKeeping.Redacted }, FakeProvider.Saying(answer.ToJsonString()), body.ToJsonString(), Prompt.Replace("\n---\nHi", "\noutput:\n  format: json\n---\nHi", StringComparison.Ordinal));

        Assert.DoesNotContain("gerine", sent, StringComparison.Ordinal);
        Assert.Equal(
            """{"said":"it is (secret)","(secret)":["(secret)","(address)"],"text":"{\"pin\":\"(secret)\"}"}""", ContentOf(sent).Output);
    }

    [Fact]
    public async Task Call_Fails_SendsWhatItWasAskedAndWhyItFailed()
    {
        var sent = await CallAsync("/greeting", new ContentPolicy { Flows = RunKeeping.Redacted, SecretVariables = ["name"] }, FakeProvider.Throwing(new HttpRequestException("no route to tangerine")));

        var content = ContentOf(sent);
        Assert.Equal(("(secret)", ""), (JsonNode.Parse(content.Input)!["name"]!.ToString(), content.Output));
        Assert.NotEmpty(content.Error!);
        Assert.DoesNotContain("tangerine", sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_LongerThanIsKept_IsCutAndSaysSo()
    {
        var content = ContentOf(await CallAsync(
            "/greeting", new ContentPolicy { Flows = RunKeeping.Full }, FakeProvider.Saying(new string('ä', 200_000)), $$$"""{"data":{"name":"{{{new string('"', 100_000).Replace("\"", "\\\"", StringComparison.Ordinal)}}}"}}"""));

        Assert.Equal(200_000, content.OutputLength);
        Assert.Equal(CallContent.MostOutput / 6, content.Output.Length);
        Assert.InRange(content.Input.Length, 10_000, CallContent.MostInput);
        Assert.InRange(content.InputLength!.Value, 200_000, 400_000);
    }

    [Fact]
    public async Task Call_OfASample_SendsTheSameCallsAsThePolicyNames()
    {
        var policy = new ContentPolicy { Flows = RunKeeping.Full, SamplePercent = 50 };
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStops { Runs = policy });
        await using var runner = await StartAsync(portal, FakeProvider.Saying(Answer));
        await portal.HeardAsync();
        for (var call = 0; call < 24; call++)
        {
            using var response = await runner.PostAsync("/greeting", Body);
        }

        List<JsonNode> records = [];
        while (records.Count < 24)
        {
            records.AddRange(JsonNode.Parse(await NextAsync(portal))!["records"]!.AsArray().Select(record => record!.DeepClone()));
        }

        Assert.All(records, record => Assert.Equal(policy.KeepingOf(record["callId"]!.ToString()) != RunKeeping.Off, record["content"] is not null));
        Assert.Contains(records, record => record["content"] is not null);
    }

    [Fact]
    public async Task Call_PolicyIsTurnedOff_SendsNothingFromThenOn()
    {
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStops { Runs = new ContentPolicy { Flows = RunKeeping.Full } });
        await using var runner = await StartAsync(portal, FakeProvider.Saying(Answer));
        await portal.HeardAsync();
        using var kept = await runner.PostAsync("/greeting", Body);
        Assert.Contains("tangerine", await NextAsync(portal), StringComparison.Ordinal);

        portal.Say(new BudgetStops { Runs = new ContentPolicy() });
        await portal.HeardAsync();
        using var off = await runner.PostAsync("/greeting", Body);

        Assert.DoesNotContain("tangerine", await NextAsync(portal), StringComparison.Ordinal);
    }

    [Fact]
    public void Note_PortalAwayForTenMinutes_KeepsNothingUntilItIsBack()
    {
        var time = new ManualTimeProvider();
        var keeper = new ContentKeeper(time);
        Assert.False(Notes(keeper));
        keeper.Hear(new ContentPolicy { Flows = RunKeeping.Full });
        Assert.True(Notes(keeper));
        time.Advance(ContentKeeper.Trust);
        Assert.True(Notes(keeper));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(Notes(keeper));
        keeper.HearAgain();
        Assert.True(Notes(keeper));
        keeper.Hear(null);
        Assert.False(Notes(keeper));
    }

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abc", 2, "ab")]
    [InlineData("a\"b", 2, "a")]
    [InlineData("a\u0001b", 6, "a")]
    [InlineData("a\ud83d\ude00b", 12, "a")]
    [InlineData("a\ud83d\ude00b", 13, "a\ud83d\ude00")]
    [InlineData("", 0, "")]
    public void Cut_AtALimit_LeavesWhatFitsAsJson(string text, int most, string expected)
    {
        var cut = CallContent.Cut(text, most);

        Assert.Equal(expected, cut);
        Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(cut, s_relaxed).Length - 2, 0, most);
    }

    private static bool Notes(ContentKeeper keeper) =>
        keeper.Note("c", null, new FlowInput([], IsEnvelope: false), null, null) is not null;

    private static CallContent ContentOf(string batch) => JsonNode.Parse(batch)!["records"]![0].Deserialize(UsageJson.Default.UsageRecord)!.Content!;

    private static async Task<string> NextAsync(FakeState portal) => await portal.Batches.Reader.ReadAsync().AsTask().WaitAsync(RunningPortal.Patience);

    /// <summary>The bytes of the batch that tells of one call.</summary>
    private async Task<string> CallAsync(string path, ContentPolicy? policy, FakeProvider? provider = null, string body = Body, string prompt = Prompt)
    {
        await using var portal = await FakeState.StartAsync();
        portal.Say(new BudgetStops { Runs = policy });
        await using var runner = await StartAsync(portal, provider ?? FakeProvider.Saying(Answer), prompt);
        await portal.HeardAsync(); // it asks the second time when it has taken the first answer
        using var response = await runner.PostAsync(path, body, path.Contains('?', StringComparison.Ordinal) ? "text/event-stream" : null);
        await response.Content.ReadAsStringAsync();
        Assert.Equal(provider is null ? HttpStatusCode.OK : response.StatusCode, response.StatusCode);
        return await NextAsync(portal);
    }

    private Task<RunningServer> StartAsync(FakeState portal, FakeProvider provider, string prompt = Prompt) => RunningServer.StartAsync(provider, ContractFolder.Single(prompt), options => options with
    {
        Namespace = "shop",
        Usage = new UsageOptions { Portal = portal.Url, Token = "secret", SpoolDirectory = _spool },
    });
}
