using Portal.Auth;
using Portal.Features.Prompts;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Releases;

namespace Portal.Tests.Portal.Prompts;

public sealed class PromptCommandsTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    [Fact]
    public async Task Delete_ByATokenThatMayNotTouchDrafts_DeletesNothing()
    {
        var place = await fixture.NewNamespaceAsync();
        using var desk = new TestDesk(fixture);
        await desk.SubmitAsync(place.Name, TestDesk.Good, TestDesk.Person("Root", PortalRole.Admin));
        var commands = new PromptCommands(desk.Client, new PersonalCluster(desk.Client, new PortalOptions()), desk.Drafts, desk.Changes, desk.Audit);

        await Assert.ThrowsAsync<AccessDeniedException>(() => commands.DeleteAsync(TestDesk.Token("ci", Permission.DeletePrompt), place.Name, "hello", default));
        Assert.Equal(TestDesk.Good, await desk.LiveAsync(place.Name));

        Assert.True((await commands.DeleteAsync(TestDesk.Token("ci", Permission.DeletePrompt, Permission.EditDraft), place.Name, "hello", default)).IsMade);
        Assert.Null(await desk.LiveAsync(place.Name));
    }
}
