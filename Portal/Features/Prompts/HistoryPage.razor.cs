using Microsoft.AspNetCore.Components;
using Portal.Components;
using Portal.Data;
using Portal.Features.Costs.Queries;
using Portal.Features.Costs.Revisions;
using Portal.Features.Prompts.Branches;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>The history of a prompt, with its branches and what each revision costs.</summary>
public sealed partial class HistoryPage(BranchStore branches, RevisionCosts costs, RevisionStore revisions)
{
    private IReadOnlyDictionary<int, RevisionCost> _costs = new Dictionary<int, RevisionCost>();
    private IReadOnlyList<Branch> _branches = [];

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    private string EditorLink => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(Name)}";

    private IReadOnlyList<Crumb> Crumbs => [new(Namespace, $"/ns/{Namespace}/prompts"), new("Prompts", $"/ns/{Namespace}/prompts"), new(Name, EditorLink)];

    protected override void OnInitialized()
    {
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnRevision(string kind, string @namespace, string name)
            {
                if ((kind, @namespace, name) == (Prompt.Definition.Kind, Namespace, Name))
                {
                    news.Request();
                }
            }

            revisions.Changed += OnRevision;
            Keep(() => revisions.Changed -= OnRevision);
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
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
