using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Features.Exchange;
using Portal.Features.Exchange.Export;
using Portal.Features.Exchange.Reading;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Releases.Revisions;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Exchange;

public sealed class PromptImportsTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Manifest = "kind: Prompt\nmetadata: { name: live }\nspec:\n  content: \"published\\n\"";
    private readonly IdleOperatorFixture _fixture;
    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly CurrentUser _ada = TestUsers.Of(LocalPersona.Author);
    private readonly PromptCatalog _catalog;
    private readonly DraftStore _drafts;
    private readonly RevisionStore _revisions;
    private readonly ImportStore _store;
    private readonly PromptImports _imports;

    public PromptImportsTests(IdleOperatorFixture fixture)
    {
        _fixture = fixture;
        _catalog = new PromptCatalog(fixture.Informers);
        _drafts = new DraftStore(_test.Database, _test.Audit, _clock);
        _revisions = new RevisionStore(_test.Database, _clock);
        _store = new ImportStore(_test.Database, _test.Audit, _clock);
        _imports = new PromptImports(_store, new ImportWriter(_store, _catalog, _drafts, _revisions, _test.Database), _catalog, _drafts,
            new AccessPolicy(LocalPersona.Bindings), NullLogger<PromptImports>.Instance);
    }

    public void Dispose()
    {
        _imports.Dispose();
        _test.Dispose();
    }

    [Fact]
    public async Task Import_NewAndTaken_MakesDraftsAndKeepsThoseOfOthers()
    {
        var place = await NewAsync();
        await _drafts.SaveAsync(_ada, place, "mine", "my words", null, null, default);

        var import = await ImportAsync(place, ConflictRule.KeepDrafts, ("new.prompt", "new text"), ("live.prompt", "changed"), ("mine.prompt", "their words"));

        Assert.Equal((PromptImportState.Done, "Drafted Drafted Skipped"), (import.State, Outcomes(import)));
        Assert.Equal(("new text", "changed", "my words"), (await DraftAsync(place, "new"), await DraftAsync(place, "live"), await DraftAsync(place, "mine")));
        Assert.Equal("published\n", (await _drafts.FindAsync(place, "live", default))!.BaseContent);
        Assert.All(import.Items, item => Assert.Null(item.Content));
        Assert.Equal(["live", "new"], await AuditedAsync("prompt.imported"));
    }

    [Fact]
    public async Task Import_Twice_ChangesNothingTheSecondTime()
    {
        var place = await NewAsync();
        var files = new[] { ("a.prompt", "one"), ("live.prompt", "published\n") };
        Assert.Equal("Drafted Unchanged", Outcomes(await ImportAsync(place, ConflictRule.KeepDrafts, files)));
        var saved = (await _drafts.FindAsync(place, "a", default))!.UpdatedAt;
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("Unchanged Unchanged", Outcomes(await ImportAsync(place, ConflictRule.Replace, files)));

        Assert.Equal(saved, (await _drafts.FindAsync(place, "a", default))!.UpdatedAt);
        Assert.Null(await _drafts.FindAsync(place, "live", default));
        Assert.Equal(["a"], await AuditedAsync("prompt.imported"));
    }

    [Theory]
    [InlineData(ConflictRule.Skip, "Skipped Skipped", "my words")]
    [InlineData(ConflictRule.Replace, "Drafted Drafted", "their words")]
    [InlineData(ConflictRule.Rename, "Drafted Drafted", "my words")]
    public async Task Import_NamesAreTaken_DoesWhatTheRuleSays(ConflictRule rule, string outcomes, string mine)
    {
        var place = await NewAsync();
        await _drafts.SaveAsync(_ada, place, "mine", "my words", null, null, default);

        var import = await ImportAsync(place, rule, ("live.prompt", "changed"), ("mine.prompt", "their words"));

        Assert.Equal((outcomes, mine), (Outcomes(import), await DraftAsync(place, "mine")));
        Assert.Equal(rule == ConflictRule.Rename ? ["live-2", "mine-2"] : ["live", "mine"], import.Items.Select(item => item.Name));
    }

    [Fact]
    public async Task Choose_AnotherNameOrChoice_IsWhatIsDone()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("A B.prompt", "x"), ("a-b.prompt", "y"), ("c.prompt", "z"));
        Assert.Equal([("a-b", ImportChoice.Draft), ("a-b", ImportChoice.Skip), ("c", ImportChoice.Draft)], preview.Items.Select(item => (item.Name, item.Choice)));
        Assert.True(await _imports.ChooseAsync(_ada, place, preview.Id, 1, "other", ImportChoice.Draft, default));
        Assert.True(await _imports.ChooseAsync(_ada, place, preview.Id, 2, "Not Good", ImportChoice.Draft, default));

        var import = (await _imports.RunAsync(_ada, place, preview.Id, default))!;

        Assert.Equal("Drafted Drafted Refused", Outcomes(import));
        Assert.Contains("lower-case", import.Items[2].Message, StringComparison.Ordinal);
        Assert.Equal("y", await DraftAsync(place, "other"));
        Assert.False(await _imports.ChooseAsync(_ada, place, preview.Id, 1, "late", ImportChoice.Draft, default));
        Assert.Null(await _imports.RunAsync(_ada, place, preview.Id, default));
    }

    [Fact]
    public async Task Import_DraftSavedSinceThePreview_IsNotOverwritten()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "theirs"));
        await _drafts.SaveAsync(_ada, place, "a", "typed meanwhile", null, null, default);

        var import = (await _imports.RunAsync(_ada, place, preview.Id, default))!;

        Assert.Equal(("Refused", "typed meanwhile"), (Outcomes(import), await DraftAsync(place, "a")));
    }

    [Theory]
    [InlineData("Be kind.\n", "---\npartial: true\n---\nBe kind.\n")]
    [InlineData("---\ndescription: d\n---\nBe kind.\n", "---\npartial: true\ndescription: d\n---\nBe kind.\n")]
    [InlineData("# note\n---\npartial: true\n---\nBe kind.\n", "# note\n---\npartial: true\n---\nBe kind.\n")]
    public async Task Import_Partial_IsOneOfTheLibrary(string text, string expected)
    {
        var place = await NewAsync();

        Assert.Equal("Drafted", Outcomes(await ImportAsync(place, ConflictRule.KeepDrafts, ("_tone.prompt", text))));

        Assert.Equal(expected, await DraftAsync(place, "tone"));
        Assert.Equal("Unchanged", Outcomes(await ImportAsync(place, ConflictRule.KeepDrafts, ("_tone.prompt", text))));
    }

    [Fact]
    public async Task Import_WithHistory_MakesRevisionsOnce()
    {
        var place = await NewAsync();
        var versions = """[{"name":"v","version":1,"prompt":"one"},{"name":"v","version":2,"prompt":"two"},{"name":"v","version":3,"prompt":"three"}]""";

        var import = await ImportAsync(place, ConflictRule.KeepDrafts, ("x.json", versions));
        Assert.Equal("2 older versions became its history.", import.Items[0].Message);
        await ImportAsync(place, ConflictRule.KeepDrafts, ("x.json", versions));

        Assert.Equal(["Version 2 from Langfuse", "Version 1 from Langfuse"], (await _revisions.ListAsync("Prompt", place, "v", default)).Select(revision => revision.Message));
    }

    [Fact]
    public async Task Stop_HalfWay_KeepsWhatIsDoneAndTheReport()
    {
        var place = await NewAsync();
        var files = Enumerable.Range(0, 50).Select(i => ($"p{i:D2}.prompt", $"text {i}")).ToArray();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, files);
        _imports.Changed += id => _imports.Stop(_ada, place, id);

        var import = (await _imports.RunAsync(_ada, place, preview.Id, default))!;

        Assert.Equal(PromptImportState.Stopped, import.State);
        Assert.Equal((1, 49), (import.Count(ImportOutcome.Drafted), import.Items.Count(item => item.Outcome is null)));
        Assert.Equal(import.Count(ImportOutcome.Drafted), (await _drafts.ListAsync(place, default)).Count);
    }

    [Fact]
    public async Task Import_EndCannotBeWritten_EndsAllTheSameAndShowsAsInterrupted()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));
        var (changes, ended) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _imports.Changed += _ =>
        {
            if (++changes == 1)
            {
                _test.Execute("ALTER TABLE prompt_imports RENAME TO away");
            }
            else
            {
                ended.SetResult();
            }
        };

        await _imports.StartAsync(_ada, place, preview.Id, default);
        await ended.Task.WaitAsync(RunningPortal.Patience);
        _test.Execute("ALTER TABLE away RENAME TO prompt_imports");

        Assert.False(_imports.Stop(_ada, place, preview.Id));
        var import = (await _imports.FindAsync(_ada, place, preview.Id, default))!;
        Assert.Equal((PromptImportState.Running, "Drafted"), (import.State, Outcomes(import)));
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(PromptImportState.Interrupted, (await _imports.FindAsync(_ada, place, preview.Id, default))!.State);
    }

    [Fact]
    public async Task Import_FailsHalfWay_EndsAsStoppedWithWhatWasDone()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"), ("b.prompt", "y"));
        var changes = 0;
        _imports.Changed += _ =>
        {
            if (++changes == 1)
            {
                throw new InvalidOperationException("Whatever it is.");
            }
        };

        var import = (await _imports.RunAsync(_ada, place, preview.Id, default).WaitAsync(RunningPortal.Patience))!;

        Assert.Equal(PromptImportState.Stopped, import.State);
        Assert.Equal((1, 1), (import.Count(ImportOutcome.Drafted), import.Items.Count(item => item.Outcome is null)));
    }

    [Fact]
    public async Task Find_ThePortalEndedMeanwhile_SaysInterrupted()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));
        Assert.True(await _store.BeginAsync(place, preview.Id, default));
        Assert.Equal(PromptImportState.Running, (await _imports.FindAsync(_ada, place, preview.Id, default))!.State);

        _clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(PromptImportState.Interrupted, (await _imports.FindAsync(_ada, place, preview.Id, default))!.State);
    }

    [Fact]
    public async Task Prepare_OldPreviewsAndReports_AreForgotten()
    {
        var place = await NewAsync();
        var preview = await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));
        var report = await ImportAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));
        _clock.Advance(TimeSpan.FromDays(2));
        await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));

        Assert.Null(await _imports.FindAsync(_ada, place, preview.Id, default));
        Assert.NotNull(await _imports.FindAsync(_ada, place, report.Id, default));
        _clock.Advance(TimeSpan.FromDays(90));
        await PrepareAsync(place, ConflictRule.KeepDrafts, ("a.prompt", "x"));
        Assert.Null(await _imports.FindAsync(_ada, place, report.Id, default));
    }

    [Fact]
    public async Task Import_ByAnApprover_IsDenied() => await Assert.ThrowsAsync<AccessDeniedException>(async () =>
        await _imports.PrepareAsync(TestUsers.Of(LocalPersona.Approver), await NewAsync(), [], null, ConflictRule.Skip, default));

    [Fact]
    public async Task Archive_ExportedAndImportedElsewhere_IsTheSameBytes()
    {
        var place = await NewAsync();
        var random = new Random(41);
        for (var i = 0; i < 30; i++)
        {
            await _drafts.SaveAsync(_ada, place, $"p{i}", RandomText(random), null, null, default);
        }

        await ImportAsync(place, ConflictRule.KeepDrafts, ("x.json", """[{"name":"v","version":1,"prompt":"one"},{"name":"v","version":2,"prompt":"two"}]"""));
        var exports = new PromptExports(_catalog, _drafts, new PromptSurroundings(_fixture.Informers), _test.Database, _test.Audit);
        var first = (await exports.ExportAsync(_ada, place, new ExportRequest(ExportFormat.Zip, [], false, true), default)).Content!;
        Assert.Equal(first, (await exports.ExportAsync(_ada, place, new ExportRequest(ExportFormat.Zip, [], false, true), default)).Content);

        var other = (await _fixture.NewNamespaceAsync()).Name;
        var preview = await _imports.PrepareAsync(_ada, other, [new SourceFile("all.zip", first)], null, ConflictRule.KeepDrafts, default);
        var import = (await _imports.RunAsync(_ada, other, preview.Id, default))!;

        Assert.All(import.Items, item => Assert.Equal((ImportOutcome.Drafted, null), (item.Outcome, item.Problem)));
        foreach (var draft in await _drafts.ListAsync(place, default))
        {
            Assert.Equal(draft.Content, await DraftAsync(other, draft.Name));
            var file = await exports.ExportAsync(_ada, other, new ExportRequest(ExportFormat.Dotprompt, [draft.Name], false, false), default);
            Assert.Equal(Encoding.UTF8.GetBytes(draft.Content), file.Content);
        }

        Assert.Equal("published\n", await DraftAsync(other, "live"));
        Assert.Single(await _revisions.ListAsync("Prompt", other, "v", default));
    }

    [Fact]
    public async Task Manifest_ExportedAndRead_IsTheSameText()
    {
        var place = await NewAsync();
        var random = new Random(17);
        var texts = Enumerable.Range(0, 300).ToDictionary(i => $"p{i:D3}", _ => RandomText(random));
        foreach (var (name, text) in texts)
        {
            await _drafts.SaveAsync(_ada, place, name, text, null, null, default);
        }

        var exports = new PromptExports(_catalog, _drafts, new PromptSurroundings(_fixture.Informers), _test.Database, _test.Audit);
        var file = await exports.ExportAsync(_ada, place, new ExportRequest(ExportFormat.Manifest, [], false, false), default);
        var read = PromptReader.Read([new SourceFile("all.yaml", file.Content!)], null, place).ToDictionary(prompt => prompt.Name, prompt => prompt.Content);

        Assert.Equal(301, read.Count);
        Assert.All(texts, pair => Assert.Equal(pair.Value, read[pair.Key]));
    }

    private static string RandomText(Random random)
    {
        string[] pieces = ["a", " ", "\n", "\r\n", "\t", "---\n", ": ", "- ", "{{x}}", "'", "\"", "#", "\u2028", "\u0085", "\uFEFF", "é", "\U0001F600", "|", ">", "%", "\\", "  ", "\n\n", "yes", "&a", "*a", "\u00A0"];
        string text;
        do
        {
            text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
        }
        while (PromptContent.Check(text) is not null || string.IsNullOrWhiteSpace(text.TrimStart('\uFEFF')));

        return text;
    }

    private async Task<string> NewAsync()
    {
        var place = await _fixture.NewNamespaceAsync();
        await place.ApplyAsync(Manifest);
        await _fixture.UntilSeenAsync(place, Manifest);
        return place.Name;
    }

    private Task<PromptImport> PrepareAsync(string place, ConflictRule rule, params (string Name, string Text)[] files) =>
        _imports.PrepareAsync(_ada, place, [.. files.Select(file => new SourceFile(file.Name, Encoding.UTF8.GetBytes(file.Text)))], null, rule, default);

    private async Task<PromptImport> ImportAsync(string place, ConflictRule rule, params (string Name, string Text)[] files) =>
        (await _imports.RunAsync(_ada, place, (await PrepareAsync(place, rule, files)).Id, default))!;

    private static string Outcomes(PromptImport import) => string.Join(' ', import.Items.Select(item => item.Outcome));

    private async Task<string?> DraftAsync(string place, string name) => (await _drafts.FindAsync(place, name, default))?.Content;

    private Task<List<string?>> AuditedAsync(string action) =>
        _test.Database.ReadAsync(context => Task.FromResult(context.Audit.Where(row => row.Action == action).Select(row => row.Name).OrderBy(name => name).ToList()));
}
