using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Features.Flows;

namespace Portal.Features.Budgets.Pages;

/// <summary>All budgets with what is spent, live; the one that is looked at or changed is in the address.</summary>
public sealed partial class BudgetsPage
{
    private IReadOnlyList<Budget>? _budgets;
    private Dictionary<string, Forecast> _forecasts = [];
    private Budget? _selected;

    [Inject]
    private BudgetStore Store { get; set; } = null!;

    [Inject]
    private BudgetBoard Board { get; set; } = null!;

    [Inject]
    private BudgetForecasts Forecasts { get; set; } = null!;

    [Inject]
    private FlowDirectory Flows { get; set; } = null!;

    [Inject]
    private CurrentUser User { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "budget")]
    public string? Selected { get; set; }

    /// <summary><c>new</c>, or anything while <see cref="Selected"/> is changed.</summary>
    [SupplyParameterFromQuery(Name = "edit")]
    public string? Edit { get; set; }

    private bool IsEditing => Edit is not null && (_selected is null ? Selected is null && User.MaySomewhere(Permission.ManageBudgets) : User.May(Permission.ManageBudgets, _selected.Place));

    private bool HasDrawer => IsEditing || Selected is not null;

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            Board.Changed += news.Request;
            Store.Changed += news.Request;
            Keep(() => Board.Changed -= news.Request);
            Keep(() => Store.Changed -= news.Request);
            Watch(Flows.Flows);
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var budgets = await Store.ListAsync(User, CancellationToken.None);
        var forecasts = new Dictionary<string, Forecast>();
        foreach (var status in budgets.Select(Board.Find).OfType<BudgetStatus>())
        {
            forecasts[status.Budget.Id] = await Forecasts.FindAsync(status, CancellationToken.None);
        }

        (_budgets, _forecasts) = (budgets, forecasts);
        _selected = budgets.FirstOrDefault(budget => budget.Id == Selected);
    }

    private bool IsMissing(Budget budget) => budget.Scope == BudgetScope.Flow && !Flows.CountedNames(budget.Namespace).Contains(budget.Subject);

    private static string Every(BudgetPeriod period) => period == BudgetPeriod.Day ? "daily" : $"{period.Word()}ly";

    private static string Words(BudgetEnforcement enforcement) => enforcement switch
    {
        BudgetEnforcement.Enforce => "calls are refused",
        BudgetEnforcement.Shadow => "it is counted what would be refused",
        _ => "people are told",
    };
}
