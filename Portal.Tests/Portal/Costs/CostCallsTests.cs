using Portal.Auth;
using Portal.Data;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Costs;

public sealed class CostCallsTests : IDisposable
{
    private static readonly CostQuery s_query = new()
    {
        Window = CostWindow.Of(CostRange.Day, CostData.Now, TimeZoneInfo.Utc),
        GroupBy = CostDimension.Flow,
        Bucket = CostBucket.Hour,
        Zone = TimeZoneInfo.Utc,
    };

    private readonly CostData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task List_PageByPage_IsEveryCallOnceNewestFirst()
    {
        // Many within the same second, where the order is not the calls' own.
        var calls = Enumerable.Range(0, 25).Select(index => _data.Call(CostData.Now.AddSeconds(-(index / 6)))).ToList();
        await _data.AddAsync([.. calls.Select(call => (call, (string?)"USD"))]);
        var (found, after) = (new List<UsageRow>(), (string?)null);
        do
        {
            var page = await _data.Calls.ListAsync(TestUsers.Administrator(), s_query, CallChoice.All, after, 4, default);
            Assert.InRange(page.Items.Count, 1, 4);
            Assert.All(page.Items, item => Assert.Equal("USD", item.Currency));
            found.AddRange(page.Items.Select(item => item.Call));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(calls.Select(call => call.CallId).Order(), found.Select(call => call.CallId).Order());
        Assert.Equal(found.Select(call => call.StartedSecond).OrderDescending(), found.Select(call => call.StartedSecond));
    }

    [Fact]
    public async Task List_Choices_AreTheCallsThatAreSo()
    {
        var unpriced = _data.Call(CostData.Now);
        unpriced.CostNanos = null;
        var failed = _data.Call(CostData.Now);
        failed.Outcome = "INTERNAL";
        var other = _data.Call(CostData.Now);
        other.Flow = "other";
        await _data.AddAsync((_data.Call(CostData.Now), "USD"), (unpriced, null), (failed, "USD"), (other, "USD"), (_data.Call(CostData.Now.AddDays(-3)), "USD"));

        Assert.Equal(4, (await ListAsync(CallChoice.All)).Count);
        Assert.Equal([unpriced.CallId], await ListAsync(CallChoice.Unpriced));
        Assert.Equal([failed.CallId], await ListAsync(CallChoice.Errors));
        Assert.Equal([other.CallId], await ListAsync(CallChoice.All, CostFilters.Empty.With(CostDimension.Flow, "team/other")));
        await Assert.ThrowsAsync<FormatException>(() => _data.Calls.ListAsync(TestUsers.Administrator(), s_query, CallChoice.All, "1.2", 4, default));
        await Assert.ThrowsAsync<FormatException>(() => _data.Calls.ListAsync(TestUsers.Administrator(), s_query, CallChoice.All, "1 OR 1.2.x", 4, default));
    }

    [Fact]
    public async Task Calls_OfANamespaceOneMayNotRead_AreNotThere()
    {
        var secret = _data.Call(CostData.Now);
        secret.Namespace = "secret";
        var own = _data.Call(CostData.Now);
        await _data.AddAsync((secret, "USD"), (own, "USD"));
        var viewer = new CurrentUser(new AccessPolicy([new RoleBinding(null, "oidc:corp:vi", PortalRole.Viewer, ["te*"])]));
        viewer.Become(PortalClaims.PrincipalOf(new Actor("oidc:corp:vi", "Vi", ActorKind.User), "test"), null);

        Assert.Equal([own.CallId], (await _data.Calls.ListAsync(viewer, s_query, CallChoice.All, null, 10, default)).Items.Select(item => item.Call.CallId));
        Assert.Null(await _data.Calls.FindAsync(viewer, secret.CallId, default));
        Assert.NotNull(await _data.Calls.FindAsync(viewer, own.CallId, default));
    }

    [Fact]
    public async Task Find_CallOfAPublishedRevision_NamesItsRelease()
    {
        var call = _data.Call(CostData.Now);
        await _data.AddAsync((call, "USD"));
        await _data.Database.WriteAsync(
            context =>
            {
                context.Publications.Add(new Publication { Id = "p", Namespace = "team", Name = "reply", Content = "x", State = PublicationState.Published, RequestedAt = CostData.Now, ReleaseId = 7, Revision = 3 });
                return Task.CompletedTask;
            },
            default);

        var detail = await _data.Calls.FindAsync(TestUsers.Administrator(), call.CallId, default);

        Assert.Equal((7L, false, "$0.001000"), (detail!.ReleaseId!.Value, detail.HasRun, detail.Priced.Cost.ToString()));
    }

    private async Task<IReadOnlyList<string>> ListAsync(CallChoice choice, CostFilters? filters = null) =>
        [.. (await _data.Calls.ListAsync(TestUsers.Administrator(), s_query with { Filters = filters ?? CostFilters.Empty }, choice, null, 10, default)).Items.Select(item => item.Call.CallId)];
}
