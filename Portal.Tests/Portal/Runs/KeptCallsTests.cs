using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Features.Flows.Proxy;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Operator.Prompts;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Runs;

/// <summary>Calls of flows that a runner tells of, the portal saw, or both.</summary>
public sealed class KeptCallsTests : IDisposable
{
    private const string Text = "---\ninput:\n  schema:\n    type: object\n    properties:\n      pin: {type: string, format: password}\n---\nHi";
    private static readonly DateTimeOffset s_now = new(2031, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly CurrentUser _ada = TestUsers.Of(LocalPersona.Author);
    private readonly CurrentUser _bo = new(new AccessPolicy([new RoleBinding(null, "oidc:corp:bo", PortalRole.Viewer, ["*"])]));
    private readonly UsageLog _usage;
    private readonly RunReader _reader;
    private readonly RunCommands _commands;
    private readonly FlowCallKeeper _proxy;

    public KeptCallsTests()
    {
        _bo.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:bo", "Bo", ActorKind.User), "test"), null);
        var (prices, policies) = (new PriceBook([], []), new RunPolicies(_test.Database, _clock));
        var calls = new KeptCalls((place, flow) => (place, flow) == ("n", "f") ? [("greeting", Text), ("other", "Ho")] : [], NullLogger<KeptCalls>.Instance);
        _usage = new UsageLog(_test.Database, prices, TimeProvider.System, contents: calls);
        _reader = new RunReader(_test.Database, _ => null, prices);
        _commands = new RunCommands(_test.Database, policies, _test.Audit, _clock);
        _proxy = new FlowCallKeeper(_test.Database, policies, calls, NullLogger<FlowCallKeeper>.Instance);
    }

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData(RunKeeping.Off, RunKeeping.Full, null)]
    [InlineData(RunKeeping.Off, RunKeeping.Redacted, null)]
    [InlineData(RunKeeping.Redacted, RunKeeping.Full, RunKeeping.Redacted)]
    [InlineData(RunKeeping.Redacted, RunKeeping.Redacted, RunKeeping.Redacted)]
    [InlineData(RunKeeping.Full, RunKeeping.Redacted, RunKeeping.Redacted)]
    [InlineData(RunKeeping.Full, RunKeeping.Full, RunKeeping.Full)]
    [InlineData(RunKeeping.Full, RunKeeping.Off, null)]
    [InlineData(RunKeeping.Full, (RunKeeping)7, null)]
    public async Task Tell_PolicyNowAndOfTheRunner_KeepsWhatBothLet(RunKeeping now, RunKeeping ofRunner, RunKeeping? expected)
    {
        await SetAsync(new RunPolicy { Flows = now });

        await TellAsync(Record("c1", Content(ofRunner, """{"mail":"ada@example.com","pin":"tangerine"}""", "to bob@example.com: tangerine")));

        var run = (await _reader.FindAsync(_ada, "n", "c1", default))?.Run;
        Assert.Equal(expected, run?.Kept);
        Assert.Equal(1, await _test.Database.ReadAsync(context => Task.FromResult(context.Usage.Count())));
        var isSecret = expected != RunKeeping.Full;
        Assert.Equal(!isSecret, _test.Dump().Contains("tangerine", StringComparison.Ordinal));
        Assert.Equal(!isSecret, _test.Dump().Contains("ada@example.com", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tell_Again_KeepsItOnce()
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });
        var record = Record("c1", Content(RunKeeping.Full, """{"who":"Ada"}""", "Hi"));

        await TellAsync(record, record);
        await TellAsync(record with { Content = Content(RunKeeping.Full, "{}", "other") });

        var run = Assert.Single((await _reader.ListAsync(_ada, "n", new RunFilter { Source = "flow" }, 0, 10, default)).Items).Run;
        Assert.Equal(("Hi", "Ada", "greeting", "f", RunState.Completed, "m"), (run.Output, run.Input["who"]!.ToString(), run.Prompt, run.Flow, run.State, run.Model));
        Assert.Equal((Text, 11L), (run.Content, run.Usage.InputTokens));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tell_CallThroughThePortal_IsOneRunThatKnowsWhoCalledAndWhatAnswered(bool portalFirst)
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });
        var seen = new FlowCall("c1", "n", "f", "f", "Bo", "oidc:corp:bo", s_now, TimeSpan.FromSeconds(1), 200, "application/json", "{\"who\":\"Bo\"}"u8.ToArray(), "{\"result\":\"Hi\"}"u8.ToArray());
        var told = Record("c1", Content(RunKeeping.Full, """{"who":"Bo"}""", "Hi"));
        foreach (var tell in portalFirst ? (Func<Task>[])[() => _proxy.KeepAsync(seen), () => TellAsync(told)] : [() => TellAsync(told), () => _proxy.KeepAsync(seen)])
        {
            await tell();
        }

        var run = Assert.Single((await _reader.ListAsync(_ada, "n", new RunFilter(), 0, 10, default)).Items).Run;
        Assert.Equal(("Bo", "oidc:corp:bo", "greeting", Prompt.HashOf(Text), Text), (run.Caller, run.CallerId, run.Prompt, run.PromptHash, run.Content));
    }

    [Fact]
    public async Task Tell_CallerNamesItselfLikeAPerson_GivesThatPersonNoRightToRead()
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });

        await TellAsync(Record("c1", Content(RunKeeping.Full, """{"who":"Ada"}""", "swordfish")) with { Caller = "Bo" });

        Assert.Equal("", (await _reader.FindAsync(_bo, "n", "c1", default))!.Run.Output);
    }

    [Fact]
    public async Task Tell_IdOfSomebodysRun_LeavesThatRunAlone()
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });
        await new RunJournal(_test.Database, new PriceBook([], []), _usage).CloseAsync(new RunSnapshot
        {
            Id = "r1",
            Namespace = "n",
            Prompt = "p",
            Input = [],
            StartedAt = s_now,
            Caller = "Ada",
            CallerId = "local:ada",
            Output = "mine",
            State = RunState.Completed,
        });

        await TellAsync(Record("r1", Content(RunKeeping.Full, "{}", "theirs")));
        await TellAsync(Record("r1", Content(RunKeeping.Full, "{}", "theirs")) with { Namespace = "elsewhere" });

        var run = (await _reader.FindAsync(_ada, "n", "r1", default))!.Run;
        Assert.Equal(("mine", "p", "playground", null), (run.Output, run.Prompt, run.Source, run.PromptHash));
    }

    [Fact]
    public async Task Tell_PolicyIsASample_KeepsTheCallsItNames()
    {
        var policy = new RunPolicy { Flows = RunKeeping.Full, SamplePercent = 40 };
        await SetAsync(policy);
        var ids = Enumerable.Range(0, 60).Select(index => $"call-{index}").ToList();

        await TellAsync([.. ids.Select(id => Record(id, Content(RunKeeping.Full, "{}", "Hi")))]);

        var kept = (await _reader.ListAsync(_ada, "n", new RunFilter(), 0, 100, default)).Items.Select(item => item.Run.Id).ToHashSet();
        Assert.Equal(ids.Where(id => policy.OfCalls().KeepingOf(id) == RunKeeping.Full).ToHashSet(), kept);
        Assert.InRange(kept.Count, 10, 40);
    }

    [Theory]
    [InlineData("[1]", null, "Hi", null, true)]
    [InlineData("no json", null, "Hi", null, true)]
    [InlineData("{\"a\":\"b", 5000, "Hi", null, true)]
    [InlineData("{\"a\":1,\"a\":2}", null, "Hi", null, true)]
    [InlineData("{}", null, "a\0b", 9, false)]
    [InlineData(null, null, null, null, true)]
    public async Task Tell_CutOrHostileContent_IsKeptAsSuch(string? input, int? inputLength, string? output, int? outputLength, bool isCut)
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });

        await TellAsync(Record("c1", new CallContent { Kept = RunKeeping.Full, Input = input!, InputLength = inputLength, Output = output!, OutputLength = outputLength }));

        var run = (await _reader.FindAsync(_ada, "n", "c1", default))!.Run;
        Assert.Equal(isCut, RunRedaction.HasPlaceholder(run.Input));
        Assert.Equal(outputLength is null ? output ?? "" : "a\ufffdb\n… (the first 3 of 9 characters)", run.Output);
    }

    [Fact]
    public async Task Tell_HugeContent_IsCutAgain()
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });
        var deep = new StringBuilder().Insert(0, "{\"a\":", 2000).Append('1').Append('}', 2000).ToString();

        await TellAsync(Record("c1", Content(RunKeeping.Full, deep, new string('x', 500_000))), Record("c2", Content(RunKeeping.Full, $"{{\"a\":\"{new string('x', 300_000)}\"}}", "")));

        Assert.InRange((await _reader.FindAsync(_ada, "n", "c1", default))!.Run.Output.Length, CallContent.MostOutput, CallContent.MostOutput + 100);
        Assert.True(RunRedaction.HasPlaceholder((await _reader.FindAsync(_ada, "n", "c2", default))!.Run.Input));
    }

    [Theory]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task Tell_MediaAsDeepAsJsonGoes_IsCountedAndCanBeRead(int levels)
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Full });
        var input = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + $"\"DATA:image/png;base64,{new string('A', 200)}\"" + new string('}', levels);

        await TellAsync(Record("c1", Content(RunKeeping.Full, input, "Hi")), Record("c2", Content(RunKeeping.Full, "{}", "Ho")));

        Assert.Equal(2, await _test.Database.ReadAsync(context => context.Usage.CountAsync()));
        Assert.Equal("Hi", (await _reader.FindAsync(_ada, "n", "c1", default))!.Run.Output);
        Assert.Equal("Ho", (await _reader.FindAsync(_ada, "n", "c2", default))!.Run.Output);
    }

    [Fact]
    public async Task Tell_CutBeforeItCouldBeRedacted_IsNotKept()
    {
        await SetAsync(new RunPolicy { Flows = RunKeeping.Redacted });

        await TellAsync(Record("c1", Content(RunKeeping.Full, """{"pin":"tangeri""", "Hi") with { InputLength = 9000 }));

        Assert.Null(await _reader.FindAsync(_ada, "n", "c1", default));
        Assert.DoesNotContain("tangeri", _test.Dump(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_PolicyIsSet_IsToldAtOnce()
    {
        var policies = new RunPolicies(_test.Database, _clock);
        var commands = new RunCommands(_test.Database, policies, _test.Audit, _clock);
        Assert.Equal(RunKeeping.Off, (await policies.PolicyAsync("n")).Flows);
        var changed = policies.Changed;

        await commands.SetPolicyAsync(TestUsers.Administrator(), "n", new RunPolicy { Flows = RunKeeping.Redacted, SamplePercent = 7, SecretVariables = ["pin"] }, default);

        Assert.True(changed.IsCompleted);
        Assert.False(policies.Changed.IsCompleted);
        Assert.Equal(RunKeeping.Redacted, (await policies.PolicyAsync("n")).Flows);
        var told = await policies.FindAsync("n");
        Assert.Equal((RunKeeping.Redacted, 7, "pin"), (told.Flows, told.SamplePercent, told.SecretVariables.Single()));
    }

    private async Task SetAsync(RunPolicy policy) => Assert.Null(await _commands.SetPolicyAsync(TestUsers.Administrator(), "n", policy, default));

    private Task TellAsync(params UsageRecord[] records) => _usage.AddAsync(records, UsageLog.FromFlow, default);

    private static CallContent Content(RunKeeping kept, string input, string output) => new() { Kept = kept, Input = input, Output = output };

    private static UsageRecord Record(string id, CallContent content) => new()
    {
        CallId = id,
        StartedAt = s_now,
        Namespace = "n",
        Flow = "f",
        Prompt = "greeting",
        PromptHash = Prompt.HashOf(Text),
        Provider = "fake",
        Model = "m",
        Usage = new TokenUsage { InputTokens = 11, OutputTokens = 2 },
        FinishReason = "stop",
        Duration = TimeSpan.FromMilliseconds(5),
        Content = content,
    };
}
