using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Dotprompt.Diagnostics;
using Portal.Features.Playground;
using Portal.Features.Prompts;
using Portal.Features.Prompts.Partials;
using Portal.Features.Releases;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Components;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Prompts;

/// <summary>A partial with two revisions, and prompts that pin the first one.</summary>
public sealed class PartialsTests : IClassFixture<IdleOperatorFixture>, IAsyncLifetime
{
    private const string First = "---\npartial: true\ndescription: Our voice.\n---\nBe kind.";
    private const string Second = "---\npartial: true\ndescription: Our voice.\n---\nBe kind and brief.";
    private const string Pinned = "---\npartials:\n  \"voice@1\": Be kind.\n---\n{{> voice@1}} Hello";

    private readonly IdleOperatorFixture _fixture;
    private readonly TestDatabase _test = new();
    private readonly BunitContext _context;

    public PartialsTests(IdleOperatorFixture fixture)
    {
        _fixture = fixture;
        _context = PromptPages.New(fixture, _test);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _context.DisposeAsync();
        _test.Dispose();
    }

    [Fact]
    public async Task History_OfThePublishedPartial_HasItsRevisionsAndNoneThatIsNotPublished()
    {
        var place = await NewAsync(First, Second);
        await SeeAsync(place, "Be rude: not published", 3);

        var history = await _context.Services.GetRequiredService<PartialLibrary>().LoadAsync(place.Name, "voice");

        Assert.Equal((2, "Be kind.", "Be kind and brief."), (history!.Newest, history.Find(1)!.Text, history.Find(2)!.Text));
        Assert.Null(history.Find(3));
    }

    [Fact]
    public async Task Check_APromptThatPinsTheFirst_TellsOfTheNewerOneAndPublishesAsItIs()
    {
        var place = await NewAsync(First, Second);
        await _context.Services.GetRequiredService<PartialLibrary>().LoadAsync(place.Name, "voice");

        var problem = Assert.Single(_context.Services.GetRequiredService<PromptCheck>().Check(place.Name, "hello", Pinned).Problems);

        Assert.Equal((DiagnosticSeverity.Info, "newer-revision"), (problem.Severity, problem.Code));
        Assert.Equal("Upgrade to voice@2", Assert.Single(problem.Fixes).Title);
    }

    [Fact]
    public async Task Page_UsersThatAreBehind_AreUpgradedWithOneRelease()
    {
        var place = await NewAsync(First, Second);
        foreach (var name in new[] { "hello", "bye" })
        {
            await place.ApplyAsync(Manifest(name, Pinned));
        }

        await _fixture.UntilSeenAsync(place, Manifest("hello", Pinned), Manifest("bye", Pinned));
        var page = _context.Render<PartialUses>(parameters => parameters.Add(item => item.Namespace, place.Name).Add(item => item.Name, "voice").Add(item => item.Newest, 2)
            .Add(item => item.Uses, _context.Services.GetRequiredService<PartialUpgrades>().UsesOf(place.Name, "voice")));
        Assert.Contains("r2 is newer", page.ByTestId("use-hello").TextContent, StringComparison.Ordinal);

        await page.ByTestId("upgrade").ClickAsync(new());

        Assert.Contains("Release", page.ByTestId("upgrade-result").TextContent, StringComparison.Ordinal);
        var release = Assert.Single(await _context.Services.GetRequiredService<ReleaseList>().ListAsync(ReleaseView.All, place.Name, TestUsers.Administrator(), default));
        Assert.Equal(["bye", "hello"], release.Items.Select(item => item.Name).Order());
        var upgraded = await _context.Services.GetRequiredService<RevisionStore>().FindAsync(Prompt.Definition.Kind, place.Name, "hello", release.Items.Single(item => item.Name == "hello").Revision, default);
        Assert.Equal("---\npartials:\n  \"voice@2\": Be kind and brief.\n---\n{{> voice@2}} Hello", upgraded!.Content);
    }

    [Fact]
    public async Task Page_TheLibrary_ListsPartialsWithHowToCallThem()
    {
        var place = await NewAsync(First, Second);
        await place.ApplyAsync("kind: Flow\nmetadata: { name: greeter }\nspec:\n  image: x\n  prompts:\n  - promptRef: { name: voice }\n    name: _tone\n  - prompt: { name: hi, content: \"{{> tone}}\" }\n  - prompt: { name: _own, content: x }");
        await _fixture.UntilSeenAsync(place, "kind: Flow\nmetadata: { name: greeter }");

        var page = _context.Render<PartialsPage>(parameters => parameters.Add(item => item.Namespace, place.Name));

        await page.WaitForAssertionAsync(() => Assert.Contains("{{> voice@2}}", page.ByTestId("partial-row-voice").TextContent, StringComparison.Ordinal), RunningPortal.Patience);
        Assert.Contains("greeter", page.ByTestId("partial-row-voice").TextContent, StringComparison.Ordinal);
        Assert.Contains("{{> own}}", page.ByTestId("partials").TextContent, StringComparison.Ordinal);
        Assert.Equal("Be kind and brief.", _context.Services.GetRequiredService<PromptSurroundings>().Partials(place.Name, "hi")["tone"]);
    }

    private static string Manifest(string name, string content) => $"kind: Prompt\nmetadata: {{ name: {name} }}\nspec:\n  content: {System.Text.Json.JsonSerializer.Serialize(content)}";

    private async Task<TestNamespace> NewAsync(params string[] revisions)
    {
        var place = await _fixture.NewNamespaceAsync();
        var manifest = Manifest("voice", revisions[^1]);
        await place.ApplyAsync(manifest);
        await _fixture.UntilSeenAsync(place, manifest);
        foreach (var (index, content) in revisions.Index())
        {
            await SeeAsync(place, content, index + 1);
        }

        return place;
    }

    private Task SeeAsync(TestNamespace place, string content, int generation) => _context.Services.GetRequiredService<RevisionStore>().ObserveAsync(
        [new SeenState(Prompt.Definition.Kind, place.Name, "voice", content, "kubectl", DateTime.UnixEpoch.AddHours(generation), "uid", generation, null)], default);
}
