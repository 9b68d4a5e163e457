using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Data;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Radzen;

namespace Portal.Features.Releases.Revisions;

/// <summary>The revisions of an object of any kind, live: the difference of any two, which one is live, and the way back to an older one. What is compared is in the address.</summary>
public sealed partial class RevisionHistory(RevisionStore revisions, ReleaseList releases, InformerFactory informers, CurrentUser user, DialogService dialogs, NavigationManager navigation)
{
    private const int Shown = 200;

    private IReadOnlyList<RevisionEntry>? _revisions;
    private IReadOnlyDictionary<int, Publication> _published = new Dictionary<int, Publication>();
    private Revision? _before;
    private Revision? _after;
    private int? _live;
    private string? _liveHash;

    [Parameter, EditorRequired]
    public string Kind { get; set; } = "";

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>In place of the revisions while there is none.</summary>
    [Parameter]
    public RenderFragment? Empty { get; set; }

    /// <summary>More about a revision.</summary>
    [Parameter]
    public RenderFragment<RevisionEntry>? Note { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    public string? FromText { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    public string? ToText { get; set; }

    private int To => NumberOf(ToText) ?? _revisions?.Select(revision => revision.Number).FirstOrDefault() ?? 0;

    private int From => NumberOf(FromText) ?? Math.Max(1, To - 1);

    private bool MayAsk => SubmissionReader.MayAsk(user, Namespace, [new ReleaseObject(Kind, Name, "")]);

    private KubeObject? Live => ReleaseKinds.FindKnown(informers, Kind, Namespace, Name);

    private bool IsLive(RevisionEntry revision) => revision.Number == _live || revision.Hash == _liveHash;

    protected override void OnInitialized()
    {
        KeepAgesCurrent();
        if (RendererInfo.IsInteractive)
        {
            var news = KeepCurrent(LoadAsync);
            void OnRevision(string kind, string @namespace, string name)
            {
                if ((kind, @namespace, name) == (Kind, Namespace, Name))
                {
                    news.Request();
                }
            }

            // One of them may have published it.
            void OnRelease(long release) => news.Request();
            Keep(ReleaseKinds.Subscribe(informers, Kind, item => item.Name == Name && item.Namespace == Namespace, news.Request));
            revisions.Changed += OnRevision;
            Keep(() => revisions.Changed -= OnRevision);
            releases.Changed += OnRelease;
            Keep(() => releases.Changed -= OnRelease);
        }
    }

    protected override Task OnParametersSetAsync() => IsPaused && _revisions is not null ? CompareAsync() : LoadAsync();

    private static int? NumberOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task LoadAsync()
    {
        _revisions = await revisions.ListAsync(Kind, Namespace, Name, CancellationToken.None);
        _published = await releases.PublishedAsync(Kind, Namespace, Name, CancellationToken.None);
        var live = Live;
        (_live, _liveHash) = live is null ? (null, null) : (await revisions.NumberOfAsync(live, CancellationToken.None), ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live)));
        await CompareAsync();
    }

    private async Task CompareAsync() => (_before, _after) = From == To ? (null, null) : (await FindAsync(From), await FindAsync(To));

    private Task<Revision?> FindAsync(int number) => revisions.FindAsync(Kind, Namespace, Name, number, CancellationToken.None);

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
            [nameof(PublishDialog.Kind)] = Kind,
            [nameof(PublishDialog.Namespace)] = Namespace,
            [nameof(PublishDialog.Name)] = Name,
            [nameof(PublishDialog.Draft)] = revision.Content,
            [nameof(PublishDialog.RollbackOf)] = number,
        };
        await dialogs.OpenAsync<PublishDialog>($"Roll {Name} back to r{number}", parameters,
            new DialogOptions { Width = "min(1100px, 94vw)", CloseDialogOnEsc = true, AutoFocusFirstElement = false });
    }
}
