using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Features.Releases.Policies;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Releases;

public sealed class EnvironmentStoreTests : IDisposable
{
    private static readonly ReleaseEnvironment s_live = new() { Name = "live", Namespaces = ["shop"], Policy = new ReleasePolicy { Approvals = 2, RequiredGroups = ["leads"] } };
    private readonly TestDatabase _test = new();
    private readonly ReleaseSettings _settings = new(new ReleasePolicy(), [s_live with { Name = "fixed", IsConfigured = true }], withDemo: true);

    public void Dispose() => _test.Dispose();

    [Fact]
    public async Task Save_Environment_CountsAtOnceAndAfterARestart()
    {
        Assert.Null((await Store().SaveAsync(TestUsers.Administrator(), s_live, null, default)).Problem);
        await Store().SaveAsync(TestUsers.Administrator(), s_live with { Policy = s_live.Policy with { Approvals = 3 } }, s_live, default);

        var restarted = EnvironmentStore.Open(new ReleaseSettings(new ReleasePolicy(), []), _test.Database);

        Assert.Equal(["fixed", "live", "demo"], _settings.Environments.Select(environment => environment.Name));
        Assert.Equal((3, "leads"), (Assert.Single(restarted.Environments).Policy.Approvals, restarted.Environments[0].Policy.RequiredGroups[0]));
        Assert.Equal(["environment.made", "environment.changed"],
            await _test.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).Select(row => row.Action).ToListAsync()));

        await Store().RemoveAsync(TestUsers.Administrator(), "live", default);
        Assert.DoesNotContain(_settings.Environments, environment => environment.Name == "live");
    }

    [Fact]
    public async Task Save_WhenItIsHeardOf_IsInForceAlready()
    {
        var heard = new List<int>();
        _test.Audit.Changed += () => heard.Add(_settings.Environments.Single(environment => environment.Name == "live").Policy.Approvals);

        await Store().SaveAsync(TestUsers.Administrator(), s_live, null, default);
        await Store().SaveAsync(TestUsers.Administrator(), s_live with { Policy = s_live.Policy with { Approvals = 3 } }, s_live, default);

        Assert.Equal([2, 3], heard);
    }

    [Fact]
    public async Task Save_DemoEnvironment_ReplacesTheBuiltInOne()
    {
        await Store().SaveAsync(TestUsers.Administrator(), s_live with { Name = "demo", Namespaces = ["demo"] }, _settings.Environments.Single(environment => environment.IsBuiltIn), default);

        Assert.Equal(2, Assert.Single(_settings.Environments, environment => environment.Name == "demo").Policy.Approvals);
    }

    [Fact]
    public async Task Save_WhatCannotBe_SaysWhy()
    {
        var root = TestUsers.Administrator();

        Assert.Contains("configuration", (await Store().SaveAsync(root, s_live with { Name = "fixed" }, null, default)).Problem, StringComparison.Ordinal);
        Assert.Contains("name", (await Store().SaveAsync(root, s_live with { Name = "Not Good" }, null, default)).Problem, StringComparison.Ordinal);
        Assert.Contains("“<b>”", (await Store().SaveAsync(root, s_live with { Namespaces = ["shop", "<b>"] }, null, default)).Problem, StringComparison.Ordinal);
        Assert.Contains("“No Eval”", (await Store().SaveAsync(root, s_live with { Policy = s_live.Policy with { RequiredEvals = ["No Eval"] } }, null, default)).Problem, StringComparison.Ordinal);
        Assert.Contains("namespace", (await Store().SaveAsync(root, s_live with { Namespaces = [] }, null, default)).Problem, StringComparison.Ordinal);
        Assert.Contains("approvals", (await Store().SaveAsync(root, s_live with { Policy = new ReleasePolicy { Approvals = -1 } }, null, default)).Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccessDeniedException>(() => Store().SaveAsync(TestUsers.Of(LocalPersona.Approver), s_live, null, default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => Store().RemoveAsync(TestUsers.Of(LocalPersona.Author), "live", default));
    }

    [Fact]
    public async Task Save_ChangedByAnotherMeanwhile_ShowsTheirsAndOverwritesNothing()
    {
        var root = TestUsers.Administrator();
        await Store().SaveAsync(root, s_live, null, default);
        await Store().SaveAsync(root, s_live with { Policy = s_live.Policy with { Approvals = 3 } }, s_live, default);

        var late = await Store().SaveAsync(root, s_live with { Namespaces = ["shop", "bar"] }, s_live, default);

        Assert.Contains("Local administrator changed “live” at", late.Problem, StringComparison.Ordinal);
        Assert.Equal([("Policy.Approvals", "2", "3")], EnvironmentStore.Compare(s_live, late.Theirs!).Select(change => (change.Path, change.Before, change.After)));
        Assert.Equal((3, 1), (_settings.Environments.Single(item => item.Name == "live").Policy.Approvals, _settings.Environments.Single(item => item.Name == "live").Namespaces.Count));

        Assert.Null((await Store().SaveAsync(root, s_live with { Namespaces = ["shop", "bar"] }, late.Theirs, default)).Problem);
    }

    [Fact]
    public async Task Save_MadeOrRemovedByAnotherMeanwhile_IsAConflict()
    {
        var root = TestUsers.Administrator();
        await Store().SaveAsync(root, s_live, null, default);
        Assert.True((await Store().SaveAsync(root, s_live with { Namespaces = ["bar"] }, null, default)).IsConflict);
        await Store().RemoveAsync(root, "live", default);

        var answer = await Store().SaveAsync(root, s_live, s_live, default);

        Assert.Equal((true, null, "“live” was removed meanwhile."), (answer.IsConflict, answer.Theirs, answer.Problem));
    }

    [Theory]
    [InlineData("2026-12-20T00:00Z/2027-01-02T00:00Z Holidays")]
    [InlineData("Fri,Sat 18:00-08:00 Europe/Berlin Weekend")]
    [InlineData("Mon 09:00-10:00 UTC")]
    public void FreezeText_WrittenAndRead_IsTheSame(string line) => Assert.Equal(line, FreezeText.Write(FreezeText.Read(line).Freezes));

    [Theory]
    [InlineData("tomorrow", "cannot be read")]
    [InlineData("2027-01-02T00:00Z/2026-12-20T00:00Z", "must end after")]
    [InlineData("Fri 18:00-08:00 Mars/Base", "no time zone")]
    [InlineData("Fry 18:00-08:00 UTC", "cannot be read")]
    public void FreezeText_Malformed_NamesTheLine(string line, string expected) => Assert.Contains(expected, FreezeText.Read(line).Problem, StringComparison.Ordinal);

    private EnvironmentStore Store() => new(_test.Database, _settings, _test.Audit, TimeProvider.System);
}
