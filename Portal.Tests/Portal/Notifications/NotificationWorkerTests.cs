using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Notifications;
using Portal.Tests.Portal.Budgets;

namespace Portal.Tests.Portal.Notifications;

public sealed class NotificationWorkerTests : IDisposable
{
    private BudgetScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public async Task SendDue_ReceiverAway_TriesLaterAndLaterThenGivesUp()
    {
        Use(port: 1); // nobody listens there
        await AddAsync("ada@example.com");
        var worker = _scene.NewPortal().Worker;
        var tries = 0;
        var begun = _scene.Clock.GetUtcNow();
        while (await StateAsync() == NotificationState.Pending)
        {
            tries += await worker.SendDueAsync(default);
            _scene.Clock.Advance(TimeSpan.FromSeconds(NextIn(await RowAsync())));
        }

        Assert.Equal((NotificationState.Failed, 11), (await StateAsync(), tries));
        Assert.InRange((_scene.Clock.GetUtcNow() - begun).TotalHours, 12, 48);
        Assert.Contains("cannot be reached", (await RowAsync()).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendDue_SeveralPortals_SendOnce()
    {
        using var server = await SmtpPeer.StartAsync();
        Use(server.Port);
        for (var index = 0; index < 5; index++)
        {
            await AddAsync($"ada{index}@example.com");
        }

        var portals = Enumerable.Range(0, 3).Select(_ => _scene.NewPortal().Worker).ToList();
        await Task.WhenAll(portals.Select(worker => worker.SendDueAsync(default)));
        await AddAsync("last@example.com");
        await portals[0].SendDueAsync(default);

        var receivers = new List<string>();
        for (var index = 0; index < 6; index++)
        {
            receivers.Add((await server.NextAsync())["to"]![0]!.ToString());
        }

        Assert.Equal(["ada0@example.com", "ada1@example.com", "ada2@example.com", "ada3@example.com", "ada4@example.com", "last@example.com"], receivers.Order());
        Assert.All(await RowsAsync(), row => Assert.Equal((NotificationState.Sent, 1, true), (row.State, row.Attempts, row.SentAt is not null)));
    }

    [Fact]
    public async Task SendDue_PortalDiedWhileSending_AnotherTakesOverAfterAWhile()
    {
        using var server = await SmtpPeer.StartAsync();
        Use(server.Port);
        await AddAsync("ada@example.com");
        var claimed = (_scene.Clock.GetUtcNow() + TimeSpan.FromMinutes(2)).ToUnixTimeSeconds();
        await _scene.Database.WriteAsync(context => context.Notifications.ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttempt, claimed).SetProperty(row => row.Attempts, 1)), default);
        var worker = _scene.NewPortal().Worker;

        Assert.Equal(0, await worker.SendDueAsync(default));
        _scene.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await worker.SendDueAsync(default));
        Assert.Equal(NotificationState.Sent, await StateAsync());
    }

    [Fact]
    public async Task SendDue_WebhookWhoseKeyIsGone_IsGivenUpAtOnce()
    {
        await AddAsync(null, "not-encrypted-by-us");
        await _scene.NewPortal().Worker.SendDueAsync(default);

        Assert.Equal(NotificationState.Failed, await StateAsync());
    }

    [Fact]
    public async Task SendDue_OneThatCannotEvenBeTried_CountsAsTriedAndKeepsNoOtherBack()
    {
        Use(port: 1, from: "nobody");
        await AddAsync("ada@example.com");
        await AddAsync(null, "not-encrypted-by-us");

        await _scene.NewPortal().Worker.SendDueAsync(default);

        var (email, webhook) = ((await RowsAsync()).Single(row => row.Channel == NotificationChannel.Email), (await RowsAsync()).Single(row => row.Channel == NotificationChannel.Webhook));
        Assert.Equal((NotificationState.Pending, 1, true), (email.State, email.Attempts, email.Problem is not null));
        Assert.Equal(NotificationState.Failed, webhook.State);
    }

    private void Use(int port, string from = "portal@example.com")
    {
        _scene.Dispose();
        var smtp = new SmtpOptions { Host = "127.0.0.1", Port = port, Security = SmtpSecurity.None, From = from };
        _scene = new BudgetScene(new PortalOptions { Notifications = new NotificationOptions { Smtp = smtp } });
    }

    private Task AddAsync(string? email, string? webhook = null)
    {
        var outbox = new NotificationOutbox(_scene.Database, _scene.Vault, _scene.Clock);
        return _scene.Database.WriteAsync(
            context => Task.FromResult(outbox.Add(context, new Message("test", "s", "b", []), new Receivers(email is null ? [] : [email], webhook))), default);
    }

    private long NextIn(NotificationRow row) => Math.Max(0, row.NextAttempt - _scene.Clock.GetUtcNow().ToUnixTimeSeconds());

    private async Task<NotificationState> StateAsync() => (await RowAsync()).State;

    private async Task<NotificationRow> RowAsync() => (await RowsAsync()).Single();

    private Task<List<NotificationRow>> RowsAsync() => _scene.Database.ReadAsync(context => context.Notifications.ToListAsync());
}
