using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Data;
using Portal.Features.Costs.Queries;
using Portal.Features.Costs.Revisions;
using Portal.Features.Prompts.Branches;
using Portal.Features.Releases;
using Portal.Features.Releases.Revisions;
using Portal.Operator.Prompts;
using Radzen;

namespace Portal.Features.Prompts;

/// <summary>The revisions of a prompt, the difference of any two, and the way back to an older one.</summary>
public sealed partial class HistoryPage(
    RevisionStore revisions, BranchStore branches, ReleaseList releases, PromptCatalog catalog, RevisionCosts costs, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private IReadOnlyList<RevisionEntry>? _revisions;
    private IReadOnlyDictionary<int, Publication> _published = new Dictionary<int, Publication>();
    private IReadOnlyDictionary<int, RevisionCost> _costs = new Dictionary<int, RevisionCost>();
    private IReadOnlyList<Branch> _branches = [];
    private Revision? _before;
    private Revision? _after;

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    [SupplyParameterFromQuery(Name = "from")]
    public string? FromText { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    public string? ToText { get; set; }

    private int To => NumberOf(ToText) ?? _revisions?.Select(revision => revision.Number).FirstOrDefault() ?? 0;

    private int From => NumberOf(FromText) ?? Math.Max(1, To - 1);

    private static int? NumberOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? LiveHash => catalog.Find(Namespace, Name) is { } live ? ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live)) : null;

    private string EditorLink => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(Name)}";

    private IReadOnlyList<Crumb> Crumbs => [new(Namespace, $"/ns/{Namespace}/prompts"), new("Prompts", $"/ns/{Namespace}/prompts"), new(Name, EditorLink)];

    protected override void OnInitialized()
    {
        KeepAgesCurrent();
        Watch(catalog.Prompts, prompt => prompt.Name == Name && prompt.Namespace == Namespace);
        if (RendererInfo.IsInteractive)
        {
            revisions.Changed += OnRevision;
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    protected override void Dispose(bool disposing)
    {
        revisions.Changed -= OnRevision;
        base.Dispose(disposing);
    }

    private void OnRevision(string kind, string @namespace, string name)
    {
        if ((kind, @namespace, name) == (Prompt.Definition.Kind, Namespace, Name))
        {
            _ = InvokeAsync(async () =>
            {
                await LoadAsync();
                StateHasChanged();
            });
        }
    }

    private async Task LoadAsync()
    {
        _revisions = await revisions.ListAsync(Prompt.Definition.Kind, Namespace, Name, CancellationToken.None);
        _branches = await branches.ListAsync(Namespace, Name, CancellationToken.None);
        _published = await releases.PublishedAsync(Prompt.Definition.Kind, Namespace, Name, CancellationToken.None);
        _costs = await costs.OfPromptAsync(Namespace, Name, CancellationToken.None);
        (_before, _after) = From == To ? (null, null) : (await FindAsync(From), await FindAsync(To));
    }

    private Task<Revision?> FindAsync(int number) => revisions.FindAsync(Prompt.Definition.Kind, Namespace, Name, number, CancellationToken.None);

    private string CostsOf(int number) => CostAddress.PageOf(new CostView
    {
        Range = CostRange.Month,
        Group = CostDimension.Model,
        Filters = CostFilters.Empty.With(CostDimension.Revision, FormattableString.Invariant($"{Namespace}/{Name}@{number}")),
    });

    private void Choose(int from, int to) =>
        navigation.NavigateTo(navigation.GetUriWithQueryParameters(new Dictionary<string, object?> { ["from"] = from, ["to"] = to }), replace: true);

    private async Task RollBackAsync(int number)
    {
        if (await FindAsync(number) is not { } revision)
        {
            return;
        }

        var parameters = new Dictionary<string, object?>
        {
            [nameof(PublishDialog.Namespace)] = Namespace,
            [nameof(PublishDialog.Name)] = Name,
            [nameof(PublishDialog.Draft)] = revision.Content,
            [nameof(PublishDialog.RollbackOf)] = number,
        };
        await dialogs.OpenAsync<PublishDialog>($"Roll {Name} back to r{number}", parameters,
            new DialogOptions { Width = "min(1100px, 94vw)", CloseDialogOnEsc = true, AutoFocusFirstElement = false });
    }
}
