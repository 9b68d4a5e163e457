using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Notifications;
using Portal.Features.Prices;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Tests.Portal.Data;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Budgets;

/// <summary>Budgets over a database of their own, at noon of the tenth of March 2026 until time moves.</summary>
internal sealed class BudgetScene : IDisposable
{
    private readonly TestDatabase _test = new();
    private readonly List<IDisposable> _owned = [];
    private int _calls;

    public BudgetScene(PortalOptions? options = null)
    {
        Options = options ?? new PortalOptions();
        Vault = new WebhookVault(new EphemeralDataProtectionProvider());
        Network = new WebhookNetwork(Options);
        Store = new BudgetStore(Database, _test.Audit, Network, Vault, Clock);
        Usage = new UsageLog(Database, new PriceBook(), Clock);
        Spending = new SpendReader(Database);
    }

    public ManualTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero));
    public PortalOptions Options { get; }
    public PortalDatabase Database => _test.Database;
    public WebhookVault Vault { get; }
    public WebhookNetwork Network { get; }
    public BudgetStore Store { get; }
    public UsageLog Usage { get; }
    public SpendReader Spending { get; }

    public static BudgetBody Body(string name = "Ours", decimal amount = 10) => new()
    {
        Name = name,
        Scope = BudgetScope.Namespace,
        Namespace = "n",
        Amount = amount,
        Emails = ["ada@example.com"],
        Enforcement = BudgetEnforcement.Enforce,
        Contact = "Ada in finance",
    };

    /// <summary>Everything that one portal has in its process, with a connection of its own to the database that all share.</summary>
    public (BudgetMonitor Monitor, BudgetBoard Board, BudgetAlerts Alerts, NotificationWorker Worker) NewPortal()
    {
        var board = new BudgetBoard();
        var database = _test.Open();
        var outbox = new NotificationOutbox(database, Vault, Clock);
        var webhooks = new WebhookSender(Network, Vault, Options, Clock);
        var sender = new NotificationSender(new EmailSender(Options, TimeProvider.System), webhooks, Vault, Clock);
        var alerts = new BudgetAlerts(database, Store, outbox, sender, new BudgetMessages(Options, Clock), Clock);
        var monitor = new BudgetMonitor(Store, Spending, alerts, board, Usage, Clock, NullLogger<BudgetMonitor>.Instance);
        var worker = new NotificationWorker(database, outbox, sender, Clock, NullLogger<NotificationWorker>.Instance);
        _owned.AddRange([monitor, worker, webhooks, database]);
        return (monitor, board, alerts, worker);
    }

    public async Task<Budget> MakeAsync(BudgetBody body)
    {
        var result = await Store.CreateAsync(Auth.TestUsers.Administrator(), body, default);
        Assert.Empty(result.Problems);
        return result.Budget!;
    }

    /// <summary>A call that costs so many dollars.</summary>
    public Task SpendAsync(decimal dollars, Func<UsageRecord, UsageRecord>? change = null)
    {
        var record = new UsageRecord
        {
            CallId = $"call-{++_calls}",
            StartedAt = Clock.GetUtcNow(),
            Namespace = "n",
            Flow = "f",
            Provider = "openai",
            Model = "gpt-4o",
            Usage = new TokenUsage { InputTokens = (long)(dollars * 400_000), OutputTokens = 0 }, // at 2.50 a million
            FinishReason = "stop",
            Duration = TimeSpan.FromSeconds(1),
        };
        return Usage.AddAsync([change?.Invoke(record) ?? record], UsageLog.FromFlow, default);
    }

    public void Dispose()
    {
        _owned.ForEach(item => item.Dispose());
        _test.Dispose();
    }
}
