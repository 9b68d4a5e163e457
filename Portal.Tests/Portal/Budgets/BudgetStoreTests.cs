using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Features.Budgets;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Budgets;

public sealed class BudgetStoreTests : IDisposable
{
    private readonly BudgetScene _scene = new();
    private readonly CurrentUser _admin = TestUsers.Administrator();

    public void Dispose() => _scene.Dispose();

    public static TheoryData<string, BudgetBody> WrongBodies => new()
    {
        { "name", BudgetScene.Body(name: "") },
        { "name", BudgetScene.Body(name: "   ") },
        { "name", BudgetScene.Body(name: "Mine\r\nBcc: eve@example.com") },
        { "name", BudgetScene.Body(name: "abc\u202egnp") },
        { "name", BudgetScene.Body(name: new string('x', 81)) },
        { "amount", BudgetScene.Body(amount: 0) },
        { "amount", BudgetScene.Body(amount: -1) },
        { "amount", BudgetScene.Body(amount: 1_000_000_001m) },
        { "amount", BudgetScene.Body(amount: decimal.MaxValue) },
        { "amount", BudgetScene.Body(amount: 0.0000000001m) },
        { "amount", BudgetScene.Body() with { Amount = null } },
        { "currency", BudgetScene.Body() with { Currency = "usd" } },
        { "currency", BudgetScene.Body() with { Currency = null } },
        { "namespace", BudgetScene.Body() with { Namespace = null } },
        { "namespace", BudgetScene.Body() with { Namespace = "No_Such" } },
        { "subject", BudgetScene.Body() with { Subject = "f" } },
        { "subject", BudgetScene.Body() with { Scope = BudgetScope.Flow } },
        { "subject", BudgetScene.Body() with { Scope = BudgetScope.Flow, Subject = "../x" } },
        { "subject", BudgetScene.Body() with { Scope = BudgetScope.Flow, Subject = "set/flow/more" } },
        { "subject", BudgetScene.Body() with { Scope = BudgetScope.Team, Subject = "a\nb" } },
        { "scope", BudgetScene.Body() with { Scope = (BudgetScope)99 } },
        { "period", BudgetScene.Body() with { Period = (BudgetPeriod)99 } },
        { "enforcement", BudgetScene.Body() with { Enforcement = (BudgetEnforcement)99 } },
        { "timeZone", BudgetScene.Body() with { TimeZone = "Mars/Olympus" } },
        { "timeZone", BudgetScene.Body() with { TimeZone = "../../etc/passwd" } },
        { "timeZone", BudgetScene.Body() with { TimeZone = null } },
        { "thresholds", BudgetScene.Body() with { Thresholds = [0] } },
        { "thresholds", BudgetScene.Body() with { Thresholds = [1001] } },
        { "thresholds", BudgetScene.Body() with { Thresholds = [.. Enumerable.Range(1, 11)] } },
        { "emails", BudgetScene.Body() with { Emails = ["ada"] } },
        { "emails", BudgetScene.Body() with { Emails = ["ada@example.com\r\nBcc: eve@example.com"] } },
        { "emails", BudgetScene.Body() with { Emails = ["ada@example.com,eve@example.com"] } },
        { "emails", BudgetScene.Body() with { Emails = ["Ada <ada@example.com>"] } },
        { "emails", BudgetScene.Body() with { Emails = [.. Enumerable.Range(0, 11).Select(index => $"a{index}@example.com")] } },
        { "webhook", BudgetScene.Body() with { Webhook = "hooks.example.com" } },
        { "webhook", BudgetScene.Body() with { Webhook = "file:///etc/passwd" } },
        { "webhook", BudgetScene.Body() with { Webhook = "https://ada:secret@hooks.example.com/" } },
        { "webhook", BudgetScene.Body() with { Webhook = "http://127.0.0.1:9000/" } },
        { "webhook", BudgetScene.Body() with { Webhook = "http://10.1.2.3/" } },
        { "webhook", BudgetScene.Body() with { Webhook = "http://[::1]/" } },
        { "webhook", BudgetScene.Body() with { Webhook = "http://[::ffff:192.168.0.1]/" } },
        { "webhook", BudgetScene.Body() with { Webhook = "http://169.254.169.254/latest/meta-data" } },
        { "webhook", BudgetScene.Body() with { Webhook = "https://hooks.example.com/" + new string('x', 2000) } },
        { "contact", BudgetScene.Body() with { Contact = "Ada\r\nX: y" } },
    };

    [Theory]
    [MemberData(nameof(WrongBodies))]
    public async Task Create_WrongField_NamesItAndMakesNothing(string field, BudgetBody body)
    {
        var result = await _scene.Store.CreateAsync(_admin, body, default);

        Assert.Equal(field, Assert.Single(result.Problems).Field);
        Assert.Empty(await _scene.Store.ListAsync(_admin, default));
    }

    [Fact]
    public async Task Create_FlowOfAFlowSet_IsTaken()
    {
        Assert.Empty((await _scene.Store.CreateAsync(_admin, BudgetScene.Body() with { Scope = BudgetScope.Flow, Subject = "pair/one" }, default)).Problems);
    }

    [Fact]
    public async Task Create_SeveralWrongFields_NamesThemAll()
    {
        var result = await _scene.Store.CreateAsync(_admin, new BudgetBody { TimeZone = "x", Currency = "?" }, default);

        Assert.Equal(["name", "namespace", "amount", "currency", "timeZone"], result.Problems.Select(problem => problem.Field));
    }

    [Fact]
    public async Task Create_GoodBody_IsReadBackAsItWasWritten()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body(amount: 12.345678901m) with
        {
            Scope = BudgetScope.Flow,
            Subject = "support-reply",
            Period = BudgetPeriod.Quarter,
            TimeZone = "Asia/Kathmandu",
            Thresholds = [100, 50, 50],
            Emails = ["ada@example.com", "ADA@example.com"],
            Webhook = "https://hooks.example.com/T0/secret-part",
            Enforcement = BudgetEnforcement.Shadow,
        });

        var read = Assert.Single(await _scene.Store.ListAsync(_admin, default));
        Assert.Equivalent(made, read);
        Assert.Equal((12.345678901m, "flow n/support-reply", BudgetPeriod.Quarter), (read.Amount, read.ScopeText, read.Period));
        Assert.Equal([50, 100], read.Thresholds);
        Assert.Equal(["ada@example.com"], read.Emails);
        Assert.Equal("https://hooks.example.com/T0/secret-part", _scene.Vault.Open(read.Webhook)!.AbsoluteUri);
        Assert.DoesNotContain("secret-part", read.Webhook + _scene.Vault.Describe(read.Webhook), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_NameThatIsTaken_NamesTheField()
    {
        await _scene.MakeAsync(BudgetScene.Body("Support"));

        var result = await _scene.Store.CreateAsync(_admin, BudgetScene.Body("SUPPORT"), default);

        Assert.Equal("name", Assert.Single(result.Problems).Field);
        await _scene.MakeAsync(BudgetScene.Body("Support") with { Namespace = "other" });
    }

    [Fact]
    public async Task Update_VersionThatIsOld_ChangesNothing()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body());
        var first = await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 20) with { Version = made.Version }, default);

        var second = await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 30) with { Version = made.Version }, default);

        Assert.True(first.IsSaved);
        Assert.True(second is { IsConflict: true, IsSaved: false, Budget.Amount: 20 });
        Assert.Equal(20, (await _scene.Store.FindAsync(_admin, made.Id, default))!.Amount);
    }

    [Fact]
    public async Task Update_ManyAtOnce_OneWins()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body());

        var results = await Task.WhenAll(Enumerable.Range(1, 8).Select(index =>
            _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 100 + index) with { Version = made.Version }, default)));

        var won = Assert.Single(results, result => result.IsSaved);
        Assert.Equal(won.Budget!.Amount, (await _scene.Store.FindAsync(_admin, made.Id, default))!.Amount);
        Assert.Equal(7, results.Count(result => result.IsConflict));
    }

    [Fact]
    public async Task Update_WithoutWebhook_KeepsItAndEmptyRemovesIt()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body() with { Webhook = "https://hooks.example.com/a" });

        var kept = await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 1) with { Version = 1 }, default);
        var removed = await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 1) with { Version = 2, Webhook = "" }, default);

        Assert.Equal(made.Webhook, kept.Budget!.Webhook);
        Assert.Null(removed.Budget!.Webhook);
    }

    [Fact]
    public async Task Changes_Always_AreAuditedWithoutTheWebhooksAddress()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body() with { Webhook = "https://hooks.example.com/T0/secret-part" });
        await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 20) with { Version = 1, Webhook = "https://hooks.example.com/T1/secret-part" }, default);
        await _scene.Store.UpdateAsync(_admin, made.Id, BudgetScene.Body(amount: 5) with { Version = 2 }, default);
        await _scene.Store.DeleteAsync(_admin, made.Id, default);

        var rows = await _scene.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).ToListAsync());
        Assert.Equal(["budget.created", "budget.raised", "budget.changed", "budget.deleted"], rows.Select(row => row.Action));
        Assert.All(rows, row => Assert.Equal(("Budget", "n", "Ours"), (row.Kind, row.Namespace, row.Name)));
        Assert.DoesNotContain("secret-part", string.Concat(rows.Select(row => row.Changes)), StringComparison.Ordinal);
        Assert.Contains("webhook", rows[1].Changes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_ForAnOperatorOfAnotherNamespace_IsRefusedOrUnseen()
    {
        var made = await _scene.MakeAsync(BudgetScene.Body());
        var team = await _scene.MakeAsync(BudgetScene.Body("Team") with { Scope = BudgetScope.Team, Namespace = null, Subject = "red" });
        var stranger = new CurrentUser(new AccessPolicy([new RoleBinding(null, "oidc:corp:eve", PortalRole.Operator, ["other"])]));
        stranger.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:eve", "Eve", ActorKind.User), "test"), null);

        Assert.Empty(await _scene.Store.ListAsync(stranger, default));
        Assert.Null(await _scene.Store.FindAsync(stranger, made.Id, default));
        Assert.True((await _scene.Store.UpdateAsync(stranger, made.Id, BudgetScene.Body() with { Version = 1 }, default)).IsMissing);
        Assert.False(await _scene.Store.DeleteAsync(stranger, team.Id, default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _scene.Store.CreateAsync(stranger, BudgetScene.Body("New"), default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _scene.Store.CreateAsync(stranger, BudgetScene.Body("New") with { Scope = BudgetScope.User, Namespace = null, Subject = "x" }, default));
        var own = await _scene.Store.CreateAsync(stranger, BudgetScene.Body("New") with { Namespace = "other" }, default);
        await Assert.ThrowsAsync<AccessDeniedException>(() => _scene.Store.UpdateAsync(stranger, own.Budget!.Id, BudgetScene.Body("New") with { Version = 1 }, default));
    }
}
