using Microsoft.AspNetCore.Components;
using Portal.Components;
using Portal.Data;
using Portal.Features.Costs.Queries;
using Portal.Features.Costs.Revisions;
using Portal.Features.Prompts.Branches;

namespace Portal.Features.Prompts;

/// <summary>The history of a prompt, with its branches and what each revision costs.</summary>
public sealed partial class HistoryPage(BranchStore branches, RevisionCosts costs)
{
    private IReadOnlyDictionary<int, RevisionCost> _costs = new Dictionary<int, RevisionCost>();
    private IReadOnlyList<Branch> _branches = [];

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    private string EditorLink => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(Name)}";

    private IReadOnlyList<Crumb> Crumbs => [new(Namespace, $"/ns/{Namespace}/prompts"), new("Prompts", $"/ns/{Namespace}/prompts"), new(Name, EditorLink)];

    protected override async Task OnParametersSetAsync()
    {
        _branches = await branches.ListAsync(Namespace, Name, CancellationToken.None);
        _costs = await costs.OfPromptAsync(Namespace, Name, CancellationToken.None);
    }

    private string CostsOf(int number) => CostAddress.PageOf(new CostView
    {
        Range = CostRange.Month,
        Group = CostDimension.Model,
        Filters = CostFilters.Empty.With(CostDimension.Revision, FormattableString.Invariant($"{Namespace}/{Name}@{number}")),
    });
}
