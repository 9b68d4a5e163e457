using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Components.Code;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Prompts;

/// <summary>List, editor and dialogs on a real cluster without a browser: the script of the editor is not there, its messages are.</summary>
public sealed class PromptPagesTests : IClassFixture<IdleOperatorFixture>, IAsyncLifetime
{
    private const string Hello = "---\nmodel: demo/echo-stream\ninput:\n  schema:\n    name: string\n---\n{{role \"system\"}}Be kind.{{role \"user\"}}Hello {{name}}";
    private const string Manifest = "kind: Prompt\nmetadata: { name: hello }\nspec:\n  description: Greets.\n  content: |-\n    ---\n    model: demo/echo-stream\n    input:\n      schema:\n        name: string\n    ---\n    {{role \"system\"}}Be kind.{{role \"user\"}}Hello {{name}}";
    private const string Flow = "kind: Flow\nmetadata: { name: greeter }\nspec: { image: x, prompts: [ { promptRef: { name: hello } } ] }";

    private readonly IdleOperatorFixture _fixture;
    private readonly TestDatabase _test = new();
    private readonly BunitContext _context;

    public PromptPagesTests(IdleOperatorFixture fixture)
    {
        _fixture = fixture;
        _context = PromptPages.New(fixture, _test);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // A run belongs to no page: it may still be writing its record.
        await _context.Services.GetRequiredService<RunStore>().StopAsync(CancellationToken.None);
        await _context.DisposeAsync();
        _test.Dispose();
    }

    private DraftStore Drafts => _context.Services.GetRequiredService<DraftStore>();

    [Fact]
    public async Task List_PublishedDraftedAndBoth_AreRowsWithTheirState()
    {
        var place = await NewAsync(Manifest, Flow);
        await Drafts.SaveAsync(TestUsers.Administrator(), place.Name, "only-draft", "x", null, null, default);
        await Drafts.SaveAsync(TestUsers.Administrator(), place.Name, "hello", "y", Hello, null, default);

        var page = _context.Render<PromptsPage>(parameters => parameters.Add(item => item.Namespace, place.Name));

        await page.WaitForTestIdAsync("prompt-row-only-draft");
        Assert.Contains("Greets.", page.ByTestId("prompt-row-hello").TextContent, StringComparison.Ordinal);
        Assert.Contains("Draft", page.ByTestId("prompt-row-hello").TextContent, StringComparison.Ordinal);
        Assert.Contains("greeter", page.ByTestId("prompt-row-hello").TextContent, StringComparison.Ordinal);
        Assert.Equal($"/ns/{place.Name}/prompts/only-draft", page.ByTestId("prompt-row-only-draft").QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task List_Search_KeepsWhatMatchesAndOffersToClear()
    {
        var place = await NewAsync(Manifest);
        var page = _context.Render<PromptsPage>(parameters => parameters.Add(item => item.Namespace, place.Name));

        await page.InputAsync("search", "GREETS hel");
        Assert.NotNull(page.ByTestId("prompt-row-hello"));
        await page.InputAsync("search", "zzz");

        Assert.Contains("Nothing matches", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_EmptyNamespace_OffersTheFirstStep()
    {
        var place = await NewAsync();

        var page = _context.Render<PromptsPage>(parameters => parameters.Add(item => item.Namespace, place.Name));

        Assert.Contains("No prompts yet", page.ByTestId("empty-state").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_NamespaceThatIsNotThere_SaysHowToMakeIt()
    {
        await NewAsync();

        var page = _context.Render<PromptsPage>(parameters => parameters.Add(item => item.Namespace, "nowhere"));

        Assert.Contains("There is no namespace “nowhere”", page.ByTestId("empty-state").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_KubectlApplies_ShowsItWithoutAReload()
    {
        var place = await NewAsync();
        var page = _context.Render<PromptsPage>(parameters => parameters.Add(item => item.Namespace, place.Name));

        await place.ApplyAsync(Manifest);

        await page.WaitForAssertionAsync(() => Assert.NotNull(page.ByTestId("prompt-row-hello")), RunningPortal.Patience);
    }

    [Fact]
    public async Task Editor_BrokenText_ListsTheProblemAndKeepsADraft()
    {
        var editor = await RenderEditorAsync();

        await TypeAsync(editor, Hello + "{{#if nme}}");

        var problem = editor.ByTestId("problem").TextContent;
        Assert.Contains("{{#if}}", string.Concat(editor.FindAll("[data-testid=problem]").Select(item => item.TextContent)),
            StringComparison.Ordinal);
        Assert.NotEmpty(problem);
        await editor.WaitForAssertionAsync(() => Assert.Equal("Saved", editor.ByTestId("draft-state").GetAttribute("data-state")),
            RunningPortal.Patience);
        Assert.Equal(Hello + "{{#if nme}}", (await Drafts.FindAsync(editor.Instance.Namespace, "hello", default))!.Content);
    }

    [Fact]
    public async Task Editor_Run_StreamsIntoThePanelAndPutsTheRunIntoTheAddress()
    {
        var editor = await RenderEditorAsync();
        await editor.InputAsync("input-name", "Ada");

        await editor.ClickAsync("run");

        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("Hello Ada", editor.ByTestId("output").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("stop", editor.ByTestId("run-footer").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Contains("run=", _context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Editor_RunOfAnEarlierPage_IsShownAgainWithItsInput()
    {
        var place = await NewAsync(Manifest);
        var run = _context.Services.GetRequiredService<RunStore>()
            .Start(TestUsers.Administrator(), new RunRequest
            {
                Namespace = place.Name,
                Prompt = "hello",
                Content = Hello,
                Input = new JsonObject { ["name"] = "Grace" }
            });
        await run.Ended.WaitAsync(RunningPortal.Patience);

        var editor = _context.Render<PromptEditor>(parameters => parameters.Add(item => item.Namespace, place.Name)
            .Add(item => item.Name, "hello").Add(item => item.RunId, run.Id));

        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("Hello Grace", editor.ByTestId("output").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Equal("Grace", editor.ByTestId("input-name").GetAttribute("value"));
    }

    [Fact]
    public async Task Editor_RenderedTab_ShowsMessagesWithoutACall()
    {
        var place = await NewAsync(Manifest);
        var editor = _context.Render<PromptEditor>(parameters => parameters.Add(item => item.Namespace, place.Name)
            .Add(item => item.Name, "hello").Add(item => item.Tab, "rendered"));

        await editor.WaitForTestIdAsync("rendered-messages");
        Assert.Equal(["system", "user"], editor.FindAll("[data-testid=rendered-messages] h3").Select(item => item.TextContent.Trim()));
    }

    [Fact]
    public async Task Editor_KubectlEditsWhileADraftIsOpen_WarnsAndKeepsTheText()
    {
        var editor = await RenderEditorAsync();
        await TypeAsync(editor, Hello + " mine");
        await editor.WaitForAssertionAsync(() => Assert.Equal("Saved", editor.ByTestId("draft-state").GetAttribute("data-state")),
            RunningPortal.Patience);

        var place = new TestNamespace(_fixture.Client, editor.Instance.Namespace, default);
        await place.PatchAsync("Prompt", "hello", """{"spec":{"content":"theirs"}}""");

        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("by kubectl", editor.ByTestId("base-changed").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        await editor.ClickAsync("keep-mine");
        await editor.WaitForAssertionAsync(() => Assert.Empty(editor.FindAll("[data-testid=base-changed]")), RunningPortal.Patience);
        Assert.Equal(Hello + " mine", (await Drafts.FindAsync(place.Name, "hello", default))!.Content);
    }

    [Fact]
    public async Task Editor_TwoPeopleInDifferentLines_BothTextsSurvive()
    {
        var place = await NewAsync("kind: Prompt\nmetadata: { name: hello }\nspec:\n  content: \"one\\ntwo\\nthree\\n\"");
        var (first, second) = (await OpenAsync(place), await OpenAsync(place));
        Assert.Contains("also open elsewhere", (await first.WaitForTestIdAsync("presence")).TextContent, StringComparison.Ordinal);

        await TypeAsync(first, "ONE\ntwo\nthree\n");
        await TypeAsync(second, "one\ntwo\nTHREE\n");

        await first.WaitForAssertionAsync(() => Assert.Equal("ONE\ntwo\nTHREE\n", _test.Database.Read(context => context.Drafts.Single(draft => draft.Namespace == place.Name).Content)), RunningPortal.Patience);
        second.Instance.Dispose();
        await first.WaitForAssertionAsync(() => Assert.Empty(first.FindAll("[data-testid=draft-conflict]")), RunningPortal.Patience);
    }

    [Fact]
    public async Task Editor_TwoPeopleInTheSameLine_ChooseLineByLine()
    {
        var editor = await RenderEditorAsync();
        await TypeAsync(editor, Hello + " first");
        await editor.WaitForAssertionAsync(() => Assert.Equal("Saved", editor.ByTestId("draft-state").GetAttribute("data-state")), RunningPortal.Patience);
        await Drafts.SaveAsync(TestUsers.Of(LocalPersona.Author), editor.Instance.Namespace, "hello", Hello + " theirs", Hello, DateTime.MaxValue, default);

        await TypeAsync(editor, Hello + " mine");

        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("Ada (demo author) changed the same lines", editor.ByTestId("draft-conflict").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Equal(Hello + " theirs", (await Drafts.FindAsync(editor.Instance.Namespace, "hello", default))!.Content);
    }

    [Fact]
    public async Task Editor_PublishedPromptDeletedElsewhere_OffersToKeepTheText()
    {
        var editor = await RenderEditorAsync();
        var place = new TestNamespace(_fixture.Client, editor.Instance.Namespace, default);

        await place.DeleteAsync("Prompt", "hello");

        await editor.WaitForAssertionAsync(() =>
            Assert.Contains("was deleted", editor.ByTestId("prompt-deleted").TextContent, StringComparison.Ordinal),
                RunningPortal.Patience);
        await editor.ClickAsync("keep-mine");
        Assert.Equal(Hello, (await Drafts.FindAsync(place.Name, "hello", default))!.Content);
    }

    [Fact]
    public async Task Editor_PromptThatIsNotThere_SaysSo()
    {
        var place = await NewAsync();

        var editor = _context.Render<PromptEditor>(parameters => parameters.Add(item => item.Namespace, place.Name)
            .Add(item => item.Name, "nothing"));

        await editor.WaitForAssertionAsync(() => Assert.Contains("There is no prompt “nothing”", editor.Markup, StringComparison.Ordinal),
            RunningPortal.Patience);
    }

    [Fact]
    public async Task PublishDialog_Errors_AreListedAndPublishIsOff()
    {
        var place = await NewAsync(Manifest);

        var dialog = Dialog(place.Name, "Hello {{#if name}}");

        Assert.Contains("{{#if}}", dialog.ByTestId("publish-status").TextContent, StringComparison.Ordinal);
        Assert.True(dialog.ByTestId("publish-confirm").HasAttribute("disabled"));
    }

    [Fact]
    public async Task PublishDialog_ForeignOwner_NamesItAndTakesOverWhenAsked()
    {
        var place = await NewAsync(Manifest, Flow);
        var dialog = Dialog(place.Name, Hello + "!");
        Assert.Contains("greeter", dialog.ByTestId("rollout").TextContent, StringComparison.Ordinal);

        await dialog.ClickAsync("publish-confirm");
        Assert.Contains("“kubectl” owns .spec.content", dialog.ByTestId("publish-status").TextContent, StringComparison.Ordinal);
        await dialog.ClickAsync("publish-force");

        Assert.Contains("Published", dialog.ByTestId("publish-status").TextContent, StringComparison.Ordinal);
        Assert.Equal(Hello + "!", Prompt.FromJson((await place.GetAsync("Prompt", "hello")).Json).Spec.Content);
    }

    [Fact]
    public async Task NewPromptDialog_BadAndTakenNames_AreToldBeforeAnythingIsMade()
    {
        var place = await NewAsync(Manifest);
        var dialog = _context.Render<NewPromptDialog>(parameters => parameters.Add(item => item.Namespace, place.Name));

        await dialog.InputAsync("new-prompt-name", "Not Good");
        Assert.Contains("lower-case", dialog.Find(".gp-field-error").TextContent, StringComparison.Ordinal);
        await dialog.InputAsync("new-prompt-name", "hello");
        Assert.Contains("already", dialog.Find(".gp-field-error").TextContent, StringComparison.Ordinal);

        await dialog.InputAsync("new-prompt-name", "fresh");
        await dialog.ByTestId("new-prompt-dialog").SubmitAsync();

        var draft = (await Drafts.FindAsync(place.Name, "fresh", default))!;
        Assert.Empty(_context.Services.GetRequiredService<PromptCheck>().Check(place.Name, "fresh", draft.Content).Errors);
    }

    private IRenderedComponent<PublishDialog> Dialog(string place, string draft) => _context.Render<PublishDialog>(parameters => parameters
        .Add(item => item.Kind, "Prompt").Add(item => item.Namespace, place).Add(item => item.Name, "hello").Add(item => item.Draft, draft));

    private async Task<IRenderedComponent<PromptEditor>> RenderEditorAsync() => await OpenAsync(await NewAsync(Manifest));

    private async Task<IRenderedComponent<PromptEditor>> OpenAsync(TestNamespace place)
    {
        var editor = _context.Render<PromptEditor>(parameters => parameters.Add(item => item.Namespace, place.Name).Add(item => item.Name, "hello"));
        await editor.WaitForTestIdAsync("draft-state");
        return editor;
    }

    private static Task TypeAsync(IRenderedComponent<PromptEditor> editor, string text)
    {
        var code = editor.FindComponent<CodeEditor>();
        return editor.InvokeAsync(() => code.Instance.TextChanged(text, 2));
    }

    private async Task<TestNamespace> NewAsync(params string[] manifests)
    {
        var place = await _fixture.NewNamespaceAsync();
        foreach (var manifest in manifests)
        {
            await place.ApplyAsync(manifest);
        }

        await _fixture.UntilSeenAsync(place, manifests);
        return place;
    }
}
