using Portal.Auth;
using Portal.Features.Prompts;

namespace Portal.Tests.Portal.Prompts;

public sealed class EditorPresenceTests
{
    private static readonly Actor s_ada = new("a", "Ada", ActorKind.User);
    private static readonly Actor s_ben = new("b", "Ben", ActorKind.User);

    [Fact]
    public void Others_PeopleComeAndGo_AreThoseThereNow()
    {
        var presence = new EditorPresence();
        var changes = new List<(string, string)>();
        presence.Changed += (@namespace, name) => changes.Add((@namespace, name));
        var mine = presence.Enter("n", "p", s_ada);
        var theirs = presence.Enter("n", "p", s_ben);
        presence.Enter("n", "other", s_ben).Dispose();

        Assert.Equal([s_ben], presence.Others("n", "p", mine));
        Assert.Equal([s_ada], presence.Others("n", "p", theirs));

        theirs.Dispose();
        theirs.Dispose();

        Assert.Empty(presence.Others("n", "p", mine));
        Assert.Equal([("n", "p"), ("n", "p"), ("n", "other"), ("n", "other"), ("n", "p")], changes);
    }

    [Fact]
    public void Others_OnesOwnSecondPage_IsThere()
    {
        var presence = new EditorPresence();
        var mine = presence.Enter("n", "p", s_ada);
        presence.Enter("n", "p", s_ada);

        Assert.Equal([s_ada], presence.Others("n", "p", mine));
    }
}
