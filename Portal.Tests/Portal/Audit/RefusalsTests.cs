using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Features.Audit;

namespace Portal.Tests.Portal.Audit;

public sealed class RefusalsTests : IAsyncLifetime
{
    private readonly AuditTrailFixture _trail = new();
    private readonly Refusals _refusals;

    public RefusalsTests() => _refusals = new Refusals(_trail.Log, _trail.Clock, NullLogger<Refusals>.Instance);

    public Task InitializeAsync() => _refusals.StartAsync(default);

    public async Task DisposeAsync()
    {
        await _refusals.StopAsync(default);
        _refusals.Dispose();
        _trail.Dispose();
    }

    [Fact]
    public async Task Demand_NotAllowed_IsRecordedOnceAMinute()
    {
        var user = new CurrentUser(new AccessPolicy(LocalPersona.Bindings), _refusals);
        user.Become(LocalPersona.Author.Principal(), "10.0.0.1");

        for (var count = 0; count < 5; count++)
        {
            Assert.Throws<AccessDeniedException>(() => user.Demand(Permission.ApproveRelease, "team"));
        }

        user.Demand(Permission.EditDraft, "team");
        var row = Assert.Single(await RowsAsync(1));
        Assert.Equal(("access.refused", "local:ada", "team", "ApproveRelease", "Refused", "10.0.0.1"), (row.Action, row.ActorId, row.Namespace, row.Name, row.Result, row.Address));
        Assert.Contains("may not decide on releases", row.Reason, StringComparison.Ordinal);

        _trail.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Throws<AccessDeniedException>(() => user.Demand(Permission.ApproveRelease, "team"));
        Assert.Equal(2, (await RowsAsync(2)).Count);
    }

    [Fact]
    public async Task Note_Flood_IsBounded()
    {
        for (var count = 0; count < 5000; count++)
        {
            _refusals.Note(new AuditEntry(Actor.Anonymous, "usage.refused", "Usage", null, $"{count}", AuditResult.Refused));
        }

        await RowsAsync(1);
        await _refusals.StopAsync(default);
        Assert.InRange(await _trail.Database.ReadAsync(context => context.Audit.CountAsync()), 1, 1000);
    }

    private async Task<List<global::Portal.Data.AuditRow>> RowsAsync(int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async void Look()
        {
            if (await _trail.Database.ReadAsync(context => context.Audit.CountAsync()) >= count)
            {
                done.TrySetResult();
            }
        }

        _trail.Log.Changed += Look;
        Look();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _trail.Log.Changed -= Look;
        return await _trail.Database.ReadAsync(context => context.Audit.ToListAsync());
    }
}
