using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Auth;

namespace Portal.Features.Budgets.Pages;

/// <summary>Makes a budget, or changes one. Of two people who change the same, the second is told what the first did and keeps what was typed.</summary>
public sealed partial class BudgetForm
{
    private static readonly string[] s_zones =
    [
        "UTC", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/New_York", "America/Sao_Paulo",
        "America/Toronto", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Kolkata", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney",
        "Europe/Amsterdam", "Europe/Berlin", "Europe/Istanbul", "Europe/London", "Europe/Madrid", "Europe/Paris", "Europe/Stockholm", "Europe/Zurich", "Pacific/Auckland",
    ];

    private BudgetDraft _draft = new();
    private IReadOnlyList<BudgetProblem> _problems = [];
    private BudgetStatus? _standing;
    private Budget? _conflict;
    private string? _error;

    /// <summary>Null to make one.</summary>
    [Parameter]
    public Budget? Budget { get; set; }

    /// <summary>Of the page while it is prerendered.</summary>
    [CascadingParameter]
    public HttpContext? Request { get; set; }

    private string Back => Budget is null ? "/budgets" : $"/budgets?budget={Budget.Id}";

    private IEnumerable<string> FlowNames => _draft.Scope == BudgetScope.Flow
        && _draft.Namespace.Trim() is { Length: > 0 } place && User.May(Permission.ReadNamespace, place) ? Flows.CountedNames(place) : [];

    protected override async Task OnInitializedAsync()
    {
        _draft = Budget is null ? new BudgetDraft { TimeZone = (await Zones.FindAsync(RendererInfo.IsInteractive ? null : Request)).Id } : BudgetDraft.Of(Budget);
        await LookAsync();
    }

    private async Task LookAsync() => _standing = await Preview.FindAsync(User, _draft.Read().Body, CancellationToken.None);

    private async Task SaveAsync()
    {
        (_error, _conflict) = (null, null);
        var (body, unreadable) = _draft.Read();
        if (unreadable.Count > 0)
        {
            _problems = unreadable;
            return;
        }

        try
        {
            var result = Budget is null ? await Store.CreateAsync(User, body, CancellationToken.None) : await Store.UpdateAsync(User, Budget.Id, body, CancellationToken.None);
            _problems = result.Problems;
            if (result.IsSaved)
            {
                Navigation.NavigateTo($"/budgets?budget={result.Budget!.Id}");
            }
            else if (result is { IsConflict: true, Budget: { } now })
            {
                _conflict = now;
                _error = string.Create(CultureInfo.InvariantCulture,
                    $"{now.UpdatedBy} changed this budget meanwhile: it is {BudgetMessages.Amount(now.AmountNanos, now)} each {now.Period.Word()} now, and {now.Enforcement switch
                    {
                        BudgetEnforcement.Enforce => "refuses calls",
                        BudgetEnforcement.Shadow => "is in shadow mode",
                        _ => "only tells",
                    }}.");
            }
            else if (result.IsMissing)
            {
                _error = "The budget was deleted meanwhile.";
            }
        }
        catch (AccessDeniedException exception)
        {
            _error = exception.Message;
        }
    }

    private Task TakeOver()
    {
        _draft.Version = _conflict!.Version;
        return SaveAsync();
    }

    private static string Title(BudgetScope scope) => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(scope.Word());

    private static string? HintOf(BudgetScope scope) => scope switch
    {
        BudgetScope.User => "as calls say: x-genkit-caller, or the name in the playground",
        BudgetScope.Team => "as calls say: x-genkit-team",
        BudgetScope.Token => "name of a service token",
        _ => null,
    };
}
