using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Costs.Queries;
using Portal.Features.Digests;
using Portal.Features.Notifications;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Budgets;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Notifications;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Digests;

/// <summary>Weeks that are told of, from Wednesday the 25th of March 2026 on; on the Sunday the clocks of Berlin go forward.</summary>
public sealed class DigestWorkerTests : IDisposable
{
    private static readonly DateTimeOffset s_monday = new(2026, 3, 30, 6, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _test = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 3, 25, 12, 0, 0, TimeSpan.Zero));
    private readonly WebhookVault _vault = new(new EphemeralDataProtectionProvider());
    private readonly BudgetBoard _board = new();
    private readonly List<DigestFault> _faults = [];
    private readonly List<IDisposable> _owned = [];
    private readonly PortalOptions _options = new() { PublicUrl = new Uri("https://portal.example") };
    private readonly DigestStore _store;
    private readonly UsageLog _usage;
    private int _calls;

    public DigestWorkerTests()
    {
        _store = new DigestStore(_test.Database, _test.Audit, new WebhookNetwork(_options), _vault, _clock);
        _usage = new UsageLog(_test.Database, new PriceBook(), _clock);
    }

    public void Dispose()
    {
        _owned.ForEach(item => item.Dispose());
        _test.Dispose();
    }

    [Fact]
    public async Task Tell_MondayAtEight_TellsEachReceiverOnceWhateverRestarts()
    {
        await SetAsync(Body());
        var portal = NewPortal();
        Assert.Equal(0, await portal.TellAsync(default));
        _clock.Advance(s_monday.AddSeconds(-1) - _clock.GetUtcNow());
        Assert.Equal(0, await portal.TellAsync(default));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await portal.TellAsync(default));
        Assert.Equal(0, await portal.TellAsync(default));
        Assert.Equal(0, await NewPortal().TellAsync(default));
        Assert.Equal(["ada@example.com", "bo@example.com"], (await RowsAsync()).Select(row => row.Receiver).Order());

        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(1, await NewPortal().TellAsync(default));
        Assert.Equal(4, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task Tell_SeveralPortalsAtOnce_TellOnce()
    {
        await SetAsync(Body());
        _clock.Advance(s_monday - _clock.GetUtcNow());

        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => NewPortal()).Select(portal => Task.Run(() => portal.TellAsync(default))));

        Assert.Equal(1, told.Sum());
        Assert.Equal(2, (await RowsAsync()).Count);
    }

    [Fact]
    public async Task Tell_PortalWasAwayOnMonday_TellsWhenItIsBack()
    {
        await SetAsync(Body());
        _clock.Advance(s_monday.AddDays(16) - _clock.GetUtcNow());

        Assert.Equal(1, await NewPortal().TellAsync(default)); // of the newest week alone
        Assert.Contains("in the week from 2026-04-06", (await RowsAsync())[0].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tell_TurnedOffOrZoneChanged_TellsNobodyTwiceAndNothingOfBefore()
    {
        await SetAsync(Body());
        await SetAsync(Body() with { IsOn = false });
        _clock.Advance(s_monday - _clock.GetUtcNow());
        Assert.Equal(0, await NewPortal().TellAsync(default));

        await SetAsync(Body());
        Assert.Equal(0, await NewPortal().TellAsync(default)); // the week was over before anybody wanted to know
        _clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(1, await NewPortal().TellAsync(default));

        await SetAsync(Body() with { TimeZone = "America/New_York" });
        _clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal(0, await NewPortal().TellAsync(default)); // eight o'clock there, on the same Monday
    }

    [Fact]
    public async Task Tell_WhatHappened_IsInTheMailAndForPrograms()
    {
        await SpendAsync(new DateTimeOffset(2026, 3, 22, 22, 59, 59, TimeSpan.Zero), 4, "reply"); // Sunday of the week before, in Berlin
        await SpendAsync(new DateTimeOffset(2026, 3, 22, 23, 0, 0, TimeSpan.Zero), 5, "reply"); // Monday
        await SpendAsync(new DateTimeOffset(2026, 3, 29, 21, 59, 0, TimeSpan.Zero), 1, null); // Sunday
        await SpendAsync(new DateTimeOffset(2026, 3, 29, 22, 0, 0, TimeSpan.Zero), 100, "reply"); // Monday: of the next
        await SpendAsync(new DateTimeOffset(2026, 3, 25, 8, 0, 0, TimeSpan.Zero), 1, "reply", record => record with { Model = "nobody-knows" });
        await SpendAsync(new DateTimeOffset(2026, 3, 25, 8, 0, 0, TimeSpan.Zero), 50, "reply", record => record with { Namespace = "other" });
        await SetAsync(Body());
        _clock.Advance(s_monday - _clock.GetUtcNow());
        var (own, other) = (BudgetsOf.Namespace("n"), BudgetsOf.Namespace("other"));
        _board.Replace([.. new[] { own, other }.Select(budget => new BudgetStatus(budget, budget.WindowAt(_clock.GetUtcNow()), BudgetSpend.None with { Nanos = 8_500_000_000 }))]);
        _faults.Add(new DigestFault("reply", "secret \"s\" has no key \"API_KEY\""));

        await NewPortal().TellAsync(default);

        var row = (await RowsAsync())[0];
        Assert.Equal("n: $6.00 in the week from 2026-03-23", row.Subject);
        Assert.Equal(
            """
            n, from 2026-03-23 to 2026-03-29

            Spent: $6.00, the week before $4.00 (+50 %)
            Calls: 3, the week before 1
            1 calls have no price and are in no sum: the true figure is higher.

            Dearest flows:
            - reply: $5.00 (+25 %)
            - (no flow: playground, evaluations): $1.00

            Budgets at a threshold:
            - “Ours”: $8.50 of $10.00 this month (85 %)

            Flows that do not work now:
            - reply: secret "s" has no key "API_KEY"

            To change or stop this: https://portal.example/ns/n/digest
            """,
            row.Body.ReplaceLineEndings("\n"));
        var payload = JsonNode.Parse(row.Payload)!;
        Assert.Equal(("digest.week", 6m, 4m, 1), ((string)payload["type"]!, (decimal)payload["spent"]![0]!["amount"]!, (decimal)payload["spent"]![0]!["before"]!, (int)payload["unpricedCalls"]!));
    }

    [Fact]
    public async Task Tell_WithAMailServer_Arrives()
    {
        using var server = await SmtpPeer.StartAsync();
        await SetAsync(Body() with { Emails = ["ada@example.com"] });
        _clock.Advance(s_monday - _clock.GetUtcNow());
        await NewPortal().TellAsync(default);
        var options = new PortalOptions { Notifications = new NotificationOptions { Smtp = new SmtpOptions { Host = "127.0.0.1", Port = server.Port, Security = SmtpSecurity.None, From = "portal@example.com" } } };
        using var webhooks = new WebhookSender(new WebhookNetwork(options), _vault, options, _clock);
        using var worker = new NotificationWorker(
            _test.Database, new NotificationOutbox(_test.Database, _vault, _clock), new NotificationSender(new EmailSender(options, TimeProvider.System), webhooks, _vault, _clock), _clock, NullLogger<NotificationWorker>.Instance);

        Assert.Equal(1, await worker.SendDueAsync(default));
        Assert.Equal(0, await worker.SendDueAsync(default));

        var mail = await server.NextAsync();
        Assert.Equal("ada@example.com", Assert.Single(mail["to"]!.AsArray())!.ToString());
        Assert.Contains("n, from 2026-03-23 to 2026-03-29", TextOf(mail["body"]!.ToString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Mars/Base", "ada@example.com", null, "timeZone")]
    [InlineData("UTC", "ada", null, "emails")]
    [InlineData("UTC", null, null, "emails")]
    [InlineData("UTC", "", null, "emails")]
    [InlineData("UTC", "ada@example.com", "ftp://hooks", "webhook")]
    public async Task Set_Mistakes_NameTheField(string zone, string? email, string? webhook, string field)
    {
        var problems = await _store.SetAsync(TestUsers.Administrator(), "n", new DigestBody { IsOn = true, TimeZone = zone, Emails = email == "" ? [] : [email!], Webhook = webhook }, default);

        Assert.Equal(field, Assert.Single(problems).Field);
        Assert.False((await _store.FindAsync(TestUsers.Administrator(), "n", default)).IsOn);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("A")]
    [InlineData("")]
    public async Task Set_NoNameOfANamespace_IsAProblem(string place) =>
        Assert.Equal("namespace", Assert.Single(await _store.SetAsync(TestUsers.Administrator(), place, new DigestBody { IsOn = true, TimeZone = "UTC", Emails = ["ada@example.com"] }, default)).Field);

    [Fact]
    public async Task Set_ByAnAuthor_IsDeniedAndByAnAdministratorAuditedWithoutTheWebhook()
    {
        await Assert.ThrowsAsync<AccessDeniedException>(() => _store.SetAsync(TestUsers.Of(LocalPersona.Author), "n", Body(), default));
        await Assert.ThrowsAsync<AccessDeniedException>(() => _store.FindAsync(TestUsers.Of(LocalPersona.Author), "n", default));

        await SetAsync(Body() with { Webhook = "https://hooks.example.com/secret-part" });

        Assert.DoesNotContain("secret-part", _test.Dump(), StringComparison.Ordinal);
        Assert.Contains("ada@example.com", await _test.Database.ReadAsync(context => Task.FromResult(context.Audit.Single(row => row.Action == "digest.changed").Changes)), StringComparison.Ordinal);
    }

    private static DigestBody Body() => new() { IsOn = true, TimeZone = "Europe/Berlin", Emails = ["ada@example.com", "bo@example.com"] };

    private static string TextOf(string body)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(body));
        }
        catch (FormatException)
        {
            return body;
        }
    }

    private async Task SetAsync(DigestBody body) => Assert.Empty(await _store.SetAsync(TestUsers.Administrator(), "n", body, default));

    /// <summary>All that tells, as one portal has it, with a connection of its own to the database that all share.</summary>
    private DigestWorker NewPortal()
    {
        var database = _test.Open();
        var worker = new DigestWorker(
            database, new DigestReports(new CostReports(database, _options, _clock), _board, _ => _faults), new DigestMessages(_options), new NotificationOutbox(database, _vault, _clock), _clock,
            NullLogger<DigestWorker>.Instance);
        _owned.AddRange([worker, database]);
        return worker;
    }

    private Task<List<NotificationRow>> RowsAsync() => _test.Database.ReadAsync(context => Task.FromResult(context.Notifications.Where(row => row.Topic == "digest:n").OrderByDescending(row => row.CreatedAt).ToList()));

    private Task SpendAsync(DateTimeOffset at, decimal dollars, string? flow, Func<UsageRecord, UsageRecord>? change = null)
    {
        var record = new UsageRecord
        {
            CallId = $"call-{++_calls}",
            StartedAt = at,
            Namespace = "n",
            Flow = flow,
            Provider = "openai",
            Model = "gpt-4o",
            Usage = new TokenUsage { InputTokens = (long)(dollars * 400_000), OutputTokens = 0 }, // at 2.50 a million
            FinishReason = "stop",
            Duration = TimeSpan.FromSeconds(1),
        };
        return _usage.AddAsync([change?.Invoke(record) ?? record], UsageLog.FromFlow, default);
    }
}
