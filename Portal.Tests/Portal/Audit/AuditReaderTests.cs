using Portal.Auth;
using Portal.Features.Audit;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Audit;

public sealed class AuditReaderTests : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly AuditReader _reader;

    public AuditReaderTests() => _reader = new AuditReader(_test.Database);

    public void Dispose() => _test.Dispose();

    [Theory]
    [InlineData("", "1 2 3 4 5")]
    [InlineData("action=release", "2 3")]
    [InlineData("action=release.approved", "3")]
    [InlineData("actor=ben", "3 5")]
    [InlineData("actor=user:ada", "1 2")]
    [InlineData("actor=%", "")]
    [InlineData("namespace=team-b", "4")]
    [InlineData("kind=Release&name=r1", "2 3")]
    [InlineData("result=refused", "5")]
    [InlineData("source=kubectl", "4")]
    [InlineData("correlation=c1", "2 3")]
    [InlineData("action=' OR 1=1 --", "")]
    [InlineData("to=2001-01-01T00:00", "")]
    [InlineData("from=2001-01-01T00:00", "1 2 3 4 5")]
    public async Task ListAsync_Filter_ShowsWhatMatches(string query, string expected)
    {
        await SeedAsync();
        var fields = System.Web.HttpUtility.ParseQueryString(query);

        var rows = await _reader.ListAsync(TestUsers.Administrator(), AuditFilter.Parse(field => fields[field]).Filter, null, 100, default);

        Assert.Equal(expected, string.Join(' ', rows.Select(row => row.Sequence).Order()));
    }

    [Fact]
    public async Task Reads_SomebodyOfOneNamespace_ShowNothingElse()
    {
        await SeedAsync();
        var user = new CurrentUser(new AccessPolicy([new RoleBinding(null, "user:carl", PortalRole.Author, ["team-b"])]));
        user.Become(PortalClaims.PrincipalOf(new Actor("user:carl", "Carl", ActorKind.User), "test"), null);

        Assert.Equal([4L], (await _reader.ListAsync(user, new AuditFilter(), null, 100, default)).Select(row => row.Sequence));
        Assert.Empty(await _reader.ListAsync(user, new AuditFilter { Namespace = "team-a" }, null, 100, default));
        Assert.Equal([4L], (await _reader.ReadAllAsync(user, new AuditFilter(), default).ToListAsync()).Select(row => row.Sequence));
        Assert.Equal(["team-b"], (await _reader.ChoicesAsync(user, default)).Namespaces);
        Assert.Null(await _reader.FindAsync(user, 1, default));
        Assert.Null(await _reader.FindAsync(user, 5, default));
        Assert.NotNull(await _reader.FindAsync(user, 4, default));
    }

    [Fact]
    public async Task ListAsync_Before_ContinuesWhereAPageEnded()
    {
        await SeedAsync();

        Assert.Equal([5L, 4], (await _reader.ListAsync(TestUsers.Administrator(), new AuditFilter(), null, 2, default)).Select(row => row.Sequence));
        Assert.Equal([3L, 2], (await _reader.ListAsync(TestUsers.Administrator(), new AuditFilter(), 4, 2, default)).Select(row => row.Sequence));
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("two\nlines, \"quoted\"", "\"two\nlines, \"\"quoted\"\"\"")]
    public async Task LineOf_Formula_IsText(string reason, string expected)
    {
        await _test.Audit.RecordAsync(new AuditEntry(Actor.System, "a.b", "Prompt", null, null, AuditResult.Succeeded, Reason: reason), default);

        var row = Assert.Single(await _reader.ListAsync(TestUsers.Administrator(), new AuditFilter(), null, 1, default));

        Assert.Contains($",{expected},", AuditExport.LineOf(row), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SavedViews_KeptReplacedAndRemoved_AreTheirOwnersOnly()
    {
        var views = new SavedViews(_test.Database);
        var (ada, ben) = (TestUsers.Of(LocalPersona.Author), TestUsers.Of(LocalPersona.Approver));

        Assert.Null(await views.SaveAsync(ada, " Mine ", new AuditFilter { Action = "release" }, default));
        Assert.Null(await views.SaveAsync(ada, "Mine", new AuditFilter { Action = "draft" }, default));
        Assert.NotNull(await views.SaveAsync(ada, "  ", new AuditFilter(), default));

        Assert.Equal("action=draft", Assert.Single(await views.ListAsync(ada, default)).Query);
        Assert.Empty(await views.ListAsync(ben, default));
        await views.RemoveAsync(ben, "Mine", default);
        Assert.Single(await views.ListAsync(ada, default));
        await views.RemoveAsync(ada, "Mine", default);
        Assert.Empty(await views.ListAsync(ada, default));
    }

    private async Task SeedAsync()
    {
        Actor ada = new("user:ada", "Ada", ActorKind.User), ben = new("user:ben", "Ben", ActorKind.User);
        AuditEntry[] entries =
        [
            new(ada, "draft.saved", "Prompt", "team-a", "greet", AuditResult.Succeeded),
            new(ada, "release.submitted", "Release", "team-a", "r1", AuditResult.Succeeded, CorrelationId: "c1"),
            new(ben, "release.approved", "Release", "team-a", "r1", AuditResult.Succeeded, CorrelationId: "c1"),
            new(new Actor("kubectl-edit", "kubectl-edit", ActorKind.System), "object.changed", "Prompt", "team-b", "greet", AuditResult.Succeeded) { Source = AuditSource.Kubectl },
            new(ben, "signin.refused", "Session", null, null, AuditResult.Refused),
        ];
        foreach (var entry in entries)
        {
            await _test.Audit.RecordAsync(entry, default);
        }
    }
}
