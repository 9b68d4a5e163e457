using System.ComponentModel;
using Portal.Auth;
using Portal.Features.Notifications;

namespace Portal.Features.Budgets;

/// <summary>The REST API of budgets: the same store, rules and record as the page. Errors are problem+json; wrong fields are in <c>errors</c>.</summary>
internal static class BudgetsApi
{
    private const string Path = "/api/v1/budgets";

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup(Path).WithTags("Budgets").ProducesProblem(StatusCodes.Status403Forbidden);
        api.MapGet("", ListAsync).Requires(Permission.ReadNamespace, somewhere: true).WithName("ListBudgets").WithSummary("Budgets with what is spent").Produces<BudgetList>();
        api.MapGet("/{id}", GetAsync).Requires(Permission.ReadNamespace, somewhere: true).WithName("GetBudget").WithSummary("One budget with what is spent")
            .Produces<BudgetAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("", CreateAsync).Requires(Permission.ManageBudgets, somewhere: true).WithName("CreateBudget").WithSummary("Make a budget")
            .Produces<BudgetAnswer>(StatusCodes.Status201Created).ProducesValidationProblem();
        api.MapPut("/{id}", UpdateAsync).Requires(Permission.ManageBudgets, somewhere: true).WithName("UpdateBudget").WithSummary("Replace a budget")
            .WithDescription("The body names the version that was looked at; 409 when somebody changed the budget since.")
            .Produces<BudgetAnswer>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/{id}", DeleteAsync).Requires(Permission.ManageBudgets, somewhere: true).WithName("DeleteBudget").WithSummary("Delete a budget")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/{id}/test", TestAsync).Requires(Permission.ManageBudgets, somewhere: true).WithName("TestBudget").WithSummary("Send a test to everyone whom the budget tells")
            .Produces<TestDeliveries>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(BudgetStore store, BudgetBoard board, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken) =>
        Results.Ok(new BudgetList([.. (await store.ListAsync(user, cancellationToken)).Select(budget => BudgetAnswer.Of(budget, board.Find(budget), vault))]));

    private static async Task<IResult> GetAsync(string id, BudgetStore store, BudgetBoard board, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken) =>
        await store.FindAsync(user, id, cancellationToken) is { } budget ? Results.Ok(BudgetAnswer.Of(budget, board.Find(budget), vault)) : NotFound();

    private static async Task<IResult> CreateAsync(BudgetBody body, BudgetStore store, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken)
    {
        var result = await store.CreateAsync(user, body, cancellationToken);
        return result.IsSaved ? Results.Created($"{Path}/{result.Budget!.Id}", BudgetAnswer.Of(result.Budget, null, vault)) : Problem(result);
    }

    private static async Task<IResult> UpdateAsync(string id, BudgetBody body, BudgetStore store, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken)
    {
        var result = await store.UpdateAsync(user, id, body, cancellationToken);
        return result.IsSaved ? Results.Ok(BudgetAnswer.Of(result.Budget!, null, vault)) : Problem(result);
    }

    private static async Task<IResult> DeleteAsync(string id, BudgetStore store, CurrentUser user, CancellationToken cancellationToken) =>
        await store.DeleteAsync(user, id, cancellationToken) ? Results.NoContent() : NotFound();

    private static async Task<IResult> TestAsync(string id, BudgetAlerts alerts, CurrentUser user, CancellationToken cancellationToken) =>
        await alerts.TestAsync(user, id, cancellationToken) is { } deliveries ? Results.Ok(new TestDeliveries(deliveries)) : NotFound();

    private static IResult Problem(BudgetResult result) => result switch
    {
        { IsMissing: true } => NotFound(),
        { IsConflict: true } => Results.Problem(
            $"{result.Budget!.UpdatedBy} changed this budget meanwhile (version {result.Budget.Version}). Look at it again, then decide.",
            statusCode: StatusCodes.Status409Conflict, title: "Changed meanwhile"),
        _ => Results.ValidationProblem(
            result.Problems.GroupBy(problem => problem.Field).ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()),
            detail: string.Join(" ", result.Problems.Select(problem => $"{problem.Field}: {problem.Message}")), title: "The budget has errors"),
    };

    private static IResult NotFound() => Results.Problem("There is no budget of this id.", statusCode: StatusCodes.Status404NotFound, title: "Not found");
}

public sealed record BudgetList(IReadOnlyList<BudgetAnswer> Items);

public sealed record TestDeliveries(IReadOnlyList<TestDelivery> Items);

/// <summary>A budget as the REST API shows it.</summary>
public sealed record BudgetAnswer
{
    public required string Id { get; init; }

    [Description("What a change must name.")]
    public required long Version { get; init; }
    public required string Name { get; init; }
    public required BudgetScope Scope { get; init; }
    public string? Namespace { get; init; }
    public string? Subject { get; init; }
    public required decimal Amount { get; init; }
    public required string Currency { get; init; }
    public required BudgetPeriod Period { get; init; }
    public required string TimeZone { get; init; }
    public required IReadOnlyList<int> Thresholds { get; init; }
    public required IReadOnlyList<string> Emails { get; init; }

    [Description("The host of the webhook and a mark of the address; the address itself is not told.")]
    public string? Webhook { get; init; }
    public required BudgetEnforcement Enforcement { get; init; }
    public required string Contact { get; init; }
    public required DateTime UpdatedAt { get; init; }
    public required string UpdatedBy { get; init; }

    [Description("Absent until it was counted, which takes a moment after a change.")]
    public BudgetSpendAnswer? Spend { get; init; }

    internal static BudgetAnswer Of(Budget budget, BudgetStatus? status, WebhookVault vault) => new()
    {
        Id = budget.Id,
        Version = budget.Version,
        Name = budget.Name,
        Scope = budget.Scope,
        Namespace = budget.Place,
        Subject = budget.Subject.Length == 0 ? null : budget.Subject,
        Amount = budget.Amount,
        Currency = budget.Currency,
        Period = budget.Period,
        TimeZone = budget.TimeZone,
        Thresholds = budget.Thresholds,
        Emails = budget.Emails,
        Webhook = vault.Describe(budget.Webhook),
        Enforcement = budget.Enforcement,
        Contact = budget.Contact,
        UpdatedAt = budget.UpdatedAt,
        UpdatedBy = budget.UpdatedBy,
        Spend = status is null ? null : BudgetSpendAnswer.Of(status),
    };
}

public sealed record BudgetSpendAnswer
{
    public required BudgetState State { get; init; }
    public required decimal Spent { get; init; }

    [Description("Of the amount.")]
    public required decimal Percent { get; init; }
    public required DateTimeOffset From { get; init; }
    public required DateTimeOffset To { get; init; }
    public required long Calls { get; init; }

    [Description("Calls whose price is not known; they are not in the sum.")]
    public required long Unpriced { get; init; }

    [Description("Spending in other currencies, which is not in the sum.")]
    public required IReadOnlyDictionary<string, decimal> OtherCurrencies { get; init; }

    internal static BudgetSpendAnswer Of(BudgetStatus status) => new()
    {
        State = status.State,
        Spent = status.Spend.Nanos / Budget.Nanos,
        Percent = status.Percent,
        From = status.Window.From,
        To = status.Window.To,
        Calls = status.Spend.Calls,
        Unpriced = status.Spend.Unpriced,
        OtherCurrencies = status.Spend.Others.ToDictionary(pair => pair.Key, pair => pair.Value / Budget.Nanos),
    };
}
