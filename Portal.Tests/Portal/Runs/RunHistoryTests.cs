using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Flows.Proxy;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Releases.Revisions;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Runs;

public sealed class RunHistoryTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2031, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly CurrentUser _ada = TestUsers.Of(LocalPersona.Author);
    private readonly CurrentUser _admin = TestUsers.Administrator();
    private readonly CurrentUser _viewer = new(new AccessPolicy([new RoleBinding(null, "oidc:corp:vic", PortalRole.Viewer, ["*"])]));
    private readonly RunJournal _journal;
    private readonly RunReader _reader;
    private readonly RunCommands _commands;
    private readonly RunPolicies _policies;

    public RunHistoryTests()
    {
        _viewer.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:vic", "Vic", ActorKind.User), "test"), null);
        var prices = new PriceBook([], []);
        _policies = new RunPolicies(_test.Database, _clock);
        _journal = new RunJournal(_test.Database, prices, new UsageLog(_test.Database, prices, TimeProvider.System));
        _reader = new RunReader(_test.Database, _ => null, prices);
        _commands = new RunCommands(_test.Database, _policies, _test.Audit, _clock);
    }

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Policy_Redacted_IsAppliedToTheFirstWriteAlready()
    {
        await _commands.SetPolicyAsync(_admin, "n", new RunPolicy { Playground = RunKeeping.Redacted }, default);
        var run = Run("1") with { Input = new JsonObject { ["mail"] = "ada@example.com" } };

        await _journal.OpenAsync(run);
        Assert.DoesNotContain("ada@example.com", _test.Dump(), StringComparison.Ordinal);
        await _journal.CloseAsync(run with { State = RunState.Completed, Output = "to ada@example.com" });

        var kept = (await _journal.FindAsync("1", default))!;
        Assert.Equal(("(address)", "to (address)", RunKeeping.Redacted), (kept.Input["mail"]!.ToString(), kept.Output, kept.Kept));
        Assert.DoesNotContain("ada@example.com", _test.Dump(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_Off_KeepsTheFiguresOnly()
    {
        await _commands.SetPolicyAsync(_admin, "n", new RunPolicy { Playground = RunKeeping.Off }, default);
        await _journal.CloseAsync(Run("1") with { State = RunState.Completed, Output = "swordfish", Provider = "fake", Model = "m" });

        var run = (await _reader.FindAsync(_ada, "n", "1", default))!.Run;

        Assert.Equal(("", "{}", RunKeeping.Off, "m"), (run.Output, run.Input.ToJsonString(), run.Kept, run.Model));
        Assert.DoesNotContain("swordfish", _test.Dump(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samplePercent", 0, 90)]
    [InlineData("retentionDays", 50, 0)]
    public async Task SetPolicy_OutOfRange_SaysTheField(string field, int percent, int days) =>
        Assert.StartsWith(field, await _commands.SetPolicyAsync(_admin, "n", new RunPolicy { SamplePercent = percent, RetentionDays = days }, default), StringComparison.Ordinal);

    [Fact]
    public async Task SetPolicy_ByAnAuthor_IsDeniedAndByAnAdministratorAudited()
    {
        await Assert.ThrowsAsync<AccessDeniedException>(() => _commands.SetPolicyAsync(_ada, "n", new RunPolicy(), default));
        await _commands.SetPolicyAsync(_admin, "n", new RunPolicy { Flows = RunKeeping.Full }, default);

        var row = await _test.Database.ReadAsync(context => Task.FromResult(context.Audit.Single(row => row.Action == "runs.policy-changed")));
        Assert.Contains("Full", row.Changes, StringComparison.Ordinal);
        Assert.Equal(RunKeeping.Full, (await _commands.PolicyAsync(_ada, "n", default)).Flows);
        Assert.Equal(RunKeeping.Off, (await _commands.PolicyAsync(_ada, "other", default)).Flows);
    }

    [Theory]
    [InlineData("q=PINE", "3 1")]
    [InlineData("q=p%25e", "")]
    [InlineData("q=ÜBUNG", "3 2")]
    [InlineData("q=übung", "3 2")]
    [InlineData("q=a%20_ine", "")]
    [InlineData("prompt=other", "4")]
    [InlineData("model=m2", "2")]
    [InlineData("user=Bo", "3 2")]
    [InlineData("outcome=Failed", "2")]
    [InlineData("starred=1", "1")]
    [InlineData("prompt=p&revision=1", "1")]
    [InlineData("prompt=p&revision=9", "")]
    [InlineData("from=2031-05-01T12:01&to=2031-05-01T12:03", "3 2")]
    [InlineData("source=flow", "")]
    [InlineData("", "4 3 2 1")]
    public async Task List_Filtered_GivesThoseRuns(string query, string expected)
    {
        await _test.Database.WriteAsync(
            async context => await new RevisionStore(_test.Database, _clock).AddAsync(context, new NewRevision("Prompt", "n", "p", "text one", _ada.Actor, "m"), default), default);
        await _journal.CloseAsync(Run("1") with { Output = "pineapple", Model = "m1", Provider = "fake", State = RunState.Completed, PromptHash = global::Portal.Operator.Prompts.Prompt.HashOf("text one") });
        await _journal.CloseAsync(Run("2") with { Model = "m2", Provider = "fake", State = RunState.Failed, Output = "die Übung", Caller = "Bo", StartedAt = s_now.AddMinutes(1) });
        await _journal.CloseAsync(Run("3") with { Input = new JsonObject { ["tree"] = "a Pine", ["für"] = "übung" }, State = RunState.Completed, Caller = "Bo", StartedAt = s_now.AddMinutes(2) });
        await _journal.CloseAsync(Run("4") with { Prompt = "other", State = RunState.Completed, StartedAt = s_now.AddMinutes(3) });
        await _journal.CloseAsync(Run("5") with { Namespace = "elsewhere", State = RunState.Completed });
        Assert.True(await _commands.MarkAsync(_ada, "n", "1", true, "good", default));
        var values = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query);
        var (filter, error) = RunFilter.Parse(name => values.TryGetValue(name, out var value) ? value.ToString() : null);
        Assert.Null(error);

        var list = await _reader.ListAsync(_ada, "n", filter, 0, 10, default);

        Assert.Equal(expected, string.Join(' ', list.Items.Select(item => item.Run.Id)));
        Assert.Equal(list.Items.Count, list.Total);
        var again = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(filter.ToQuery());
        Assert.Equal(filter, RunFilter.Parse(name => again.TryGetValue(name, out var value) ? value.ToString() : null).Filter);
        Assert.Equal(1, list.Items.FirstOrDefault(item => item.Run.Id == "1")?.Revision ?? 1);
    }

    [Fact]
    public async Task Export_RunsComeAndGoWhileItIsRead_GivesEachOfTheRestOnce()
    {
        var count = (2 * RunReader.ExportPage) + 50;
        for (var index = 0; index < count; index++)
        {
            // Several of the same moment, at the end of a page too.
            await _journal.CloseAsync(Run($"r{index:000}") with { State = RunState.Completed, StartedAt = s_now.AddSeconds(index / 7) });
        }

        var exported = new List<string>();
        await foreach (var item in _reader.ExportAsync(_ada, "n", new RunFilter(), default))
        {
            exported.Add(item.Run.Id);
            if (exported.Count == RunReader.ExportPage)
            {
                await _test.Database.WriteAsync(context => context.Runs.Where(row => row.Id.CompareTo("r300") > 0).ExecuteDeleteAsync(), default);
                await _journal.CloseAsync(Run("late") with { State = RunState.Completed, StartedAt = s_now.AddDays(1) });
                await _journal.CloseAsync(Run("told late") with { State = RunState.Completed, StartedAt = s_now.AddSeconds(-1) });
            }
        }

        var ordered = Enumerable.Range(0, count).Select(index => $"r{index:000}").Reverse().Append("told late").ToList();
        Assert.Equal(ordered, exported);
    }

    [Fact]
    public async Task List_ByAViewer_ShowsNoWordsAndFindsNone()
    {
        await _journal.CloseAsync(Run("1") with { Output = "pineapple", State = RunState.Failed, Error = new RunError("INTERNAL", "what is pineapple?", null) });

        var item = Assert.Single((await _reader.ListAsync(_viewer, "n", new RunFilter(), 0, 10, default)).Items);
        Assert.Equal(("", "{}", null), (item.Run.Output, item.Run.Input.ToJsonString(), item.Run.Content));
        Assert.Equal("INTERNAL", item.Run.Error!.Code);
        Assert.DoesNotContain("pineapple", item.Run.Error.Message, StringComparison.Ordinal);
        Assert.Equal("", (await _reader.FindAsync(_viewer, "n", "1", default))!.Run.Output);
        Assert.Empty((await _reader.ListAsync(_viewer, "n", new RunFilter { Search = "pine" }, 0, 10, default)).Items);
        await Assert.ThrowsAsync<AccessDeniedException>(() => _commands.MarkAsync(_viewer, "n", "1", true, null, default));
        Assert.Null(await _reader.FindAsync(_ada, "other", "1", default));
    }

    [Theory]
    [InlineData("revision=x&prompt=p", "revision")]
    [InlineData("revision=1", "prompt")]
    [InlineData("from=soon", "from")]
    [InlineData("outcome=Great", "outcome")]
    [InlineData("source=moon", "source")]
    public void Parse_BadFilter_NamesTheParameter(string query, string named)
    {
        var values = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query);

        Assert.Contains(named, RunFilter.Parse(name => values.TryGetValue(name, out var value) ? value.ToString() : null).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mark_WhileItRuns_OutlivesItsEnd()
    {
        await _journal.OpenAsync(Run("1"));
        await _commands.MarkAsync(_ada, "n", "1", true, "look", default);
        await _journal.CloseAsync(Run("1") with { State = RunState.Completed, Output = "done" });

        var run = (await _reader.FindAsync(_ada, "n", "1", default))!.Run;
        Assert.Equal((true, "look", "done"), (run.IsStarred, run.Note, run.Output));
    }

    [Fact]
    public async Task Prune_OldRuns_GoButStarsAndOtherPoliciesStay()
    {
        _clock.Advance(s_now - _clock.GetUtcNow());
        await _commands.SetPolicyAsync(_admin, "short", new RunPolicy { RetentionDays = 2 }, default);
        foreach (var (id, place, days) in new[] { ("a", "n", 100), ("b", "n", 100), ("c", "n", 80), ("d", "short", 3), ("e", "short", 1) })
        {
            await _journal.CloseAsync(Run(id) with { Namespace = place, State = RunState.Completed, StartedAt = s_now.AddDays(-days) });
        }

        await _commands.MarkAsync(_ada, "n", "b", true, null, default);
        await _test.Database.WriteAsync(
            context =>
            {
                foreach (var (id, days, state) in new[] { ("p1", 900, PublicationState.Published), ("p2", 800, PublicationState.Refused), ("p3", 700, PublicationState.Published), ("p4", 650, PublicationState.Refused) })
                {
                    context.Publications.Add(new Publication
                    {
                        Id = id,
                        Namespace = "n",
                        Name = "p",
                        Content = "x",
                        State = state,
                        RequestedAt = s_now.AddDays(-days).UtcDateTime,
                        FinishedAt = s_now.AddDays(-days).UtcDateTime,
                    });
                }

                return Task.CompletedTask;
            },
            default);

        Assert.Equal((2, 2), await new RunRetention(_test.Database, _clock, NullLogger<RunRetention>.Instance).PruneAsync(default));

        Assert.Equal(["b", "c", "e"], await _test.Database.ReadAsync(context => Task.FromResult(context.Runs.Select(row => row.Id).OrderBy(id => id).ToList())));
        Assert.Equal(["p3", "p4"], await _test.Database.ReadAsync(context => Task.FromResult(context.Publications.Select(row => row.Id).OrderBy(id => id).ToList())));
        Assert.Equal((0, 0), await new RunRetention(_test.Database, _clock, NullLogger<RunRetention>.Instance).PruneAsync(default));
    }

    [Fact]
    public async Task FlowCalls_ByPolicy_AreKeptOnce()
    {
        var keeper = new FlowCallKeeper(_test.Database, _policies, new KeptCalls((_, _) => [], NullLogger<KeptCalls>.Instance), NullLogger<FlowCallKeeper>.Instance);
        var call = new FlowCall("c1", "n", "f", "p", "Bo", null, s_now, TimeSpan.FromSeconds(1), 200, "application/json", "{\"data\":{\"who\":\"ada@example.com\"}}"u8.ToArray(), "{\"result\":\"Hi\"}"u8.ToArray());
        Assert.False(await keeper.WantsAsync("n"));
        await keeper.KeepAsync(call);
        Assert.Null(await _reader.FindAsync(_ada, "n", "c1", default));

        await _commands.SetPolicyAsync(_admin, "n", new RunPolicy { Flows = RunKeeping.Redacted }, default);
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.True(await keeper.WantsAsync("n"));
        await keeper.KeepAsync(call);
        await keeper.KeepAsync(call with { Answer = "{\"result\":\"other\"}"u8.ToArray() });
        await keeper.KeepAsync(call with { Id = "c2", Status = 500, Answer = "it broke"u8.ToArray(), Body = "not json"u8.ToArray() });

        var run = (await _reader.FindAsync(_ada, "n", "c1", default))!.Run;
        Assert.Equal(("Hi", "(address)", "f", RunState.Completed, "Bo"), (run.Output, run.Input["who"]!.ToString(), run.Flow, run.State, run.Caller));
        var failed = (await _reader.FindAsync(_ada, "n", "c2", default))!.Run;
        Assert.Equal((RunState.Failed, "it broke", "not json"), (failed.State, failed.Error!.Message, failed.Input["body"]!.ToString()));
    }

    private static RunSnapshot Run(string id) => new() { Id = id, Namespace = "n", Prompt = "p", Input = [], StartedAt = s_now, Caller = "Ada", Content = "text" };
}
