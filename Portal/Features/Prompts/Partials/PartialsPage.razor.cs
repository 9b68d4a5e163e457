using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Dotprompt.Documents;
using Portal.Features.Playground;
using Radzen;

namespace Portal.Features.Prompts.Partials;

/// <summary>The partials of a namespace: those of the library with their revisions and users, and those that flows hold themselves.</summary>
public sealed partial class PartialsPage(
    PartialLibrary library, PartialUpgrades upgrades, PromptCatalog catalog, DraftStore drafts, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private sealed record Row(string Name, string? Description, Status Status, int? Newest, IReadOnlyList<PartialUse> Uses, IReadOnlyList<string> Followers);

    private IReadOnlyList<Row> _rows = [];
    private IReadOnlyList<(string Flow, string Name, string Content)> _inline = [];

    [Parameter]
    public string Namespace { get; set; } = "";

    /// <summary>The partial whose users are shown.</summary>
    [SupplyParameterFromQuery(Name = "uses")]
    public string? Shown { get; set; }

    protected override void OnInitialized()
    {
        Watch(catalog.Prompts, prompt => prompt.Namespace == Namespace);
        Watch(catalog.Flows, flow => flow.Namespace == Namespace);
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnChanged(string @namespace, string name)
            {
                if (@namespace == Namespace)
                {
                    news.Request();
                }
            }

            library.Changed += OnChanged;
            Keep(() => library.Changed -= OnChanged);
            drafts.Changed += OnChanged;
            Keep(() => drafts.Changed -= OnChanged);
            Keep(catalog.Prompts.Subscribe(change => OnChanged(change.Object.Namespace ?? "", change.Object.Name)));
        }
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var rows = new List<Row>();
        var published = library.Published(Namespace);
        foreach (var prompt in published)
        {
            var entry = catalog.EntryOf(prompt, false);
            var history = await library.LoadAsync(Namespace, prompt.Name);
            rows.Add(new Row(prompt.Name, entry.Description, entry.Status, history?.Newest, upgrades.UsesOf(Namespace, prompt.Name), upgrades.FollowersOf(Namespace, prompt.Name)));
        }

        foreach (var draft in await drafts.ListAsync(Namespace, CancellationToken.None))
        {
            if (published.All(prompt => prompt.Name != draft.Name) && DotpromptDocument.Parse(draft.Content) is { IsPartial: true } document)
            {
                rows.Add(new Row(draft.Name, document.Metadata.Description, Status.Draft, null, [], []));
            }
        }

        _rows = [.. rows.OrderBy(row => row.Name, StringComparer.Ordinal)];
        _inline = [.. catalog.Flows.Store.List(Namespace).SelectMany(flow => FlowPrompts.InlineOf(flow).Where(inline => inline.Name.StartsWith('_'))
            .Select(inline => (flow.Name, inline.Name[1..], inline.Content)))];
    }

    private async Task NewAsync()
    {
        var parameters = new Dictionary<string, object?> { [nameof(NewPromptDialog.Namespace)] = Namespace, [nameof(NewPromptDialog.Partial)] = true };
        if (await dialogs.OpenAsync<NewPromptDialog>("New partial", parameters, new DialogOptions { Width = "480px", CloseDialogOnEsc = true }) is string name)
        {
            navigation.NavigateTo(PromptLink(name));
        }
    }

    private string PromptLink(string name) => $"/ns/{Uri.EscapeDataString(Namespace)}/prompts/{Uri.EscapeDataString(name)}";

    private string DetailLink(string name) => navigation.GetUriWithQueryParameter("uses", name == Shown ? null : name);

    private static bool IsBehind(PartialUse use, int? newest) => use.Revisions.Any(revision => revision < newest);

    private static string Count(int count, string word) => count == 1 ? $"1 {word}" : $"{count} {word}s";
}
