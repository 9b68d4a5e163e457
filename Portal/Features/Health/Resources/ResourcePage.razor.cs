using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Flows;
using Portal.Features.Flows.Chain;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;

namespace Portal.Features.Health.Resources;

/// <summary>One object of any kind, live: whether it works, why not, the one thing to do, and all that belongs to it. The part that is shown is in the address.</summary>
public sealed partial class ResourcePage
{
    private string? _error;
    private ResourceView? _view;

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    /// <summary>Null on the page of a Flow.</summary>
    [Parameter]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    private string KindName => Kind is null ? Flow.Definition.Kind : Resources.FindKind(Kind)?.Kind ?? Kind;

    private string Current => Tab is "pods" or "events" or "manifest" or "diff" or "history" or "access" ? Tab : "overview";

    /// <summary>All that is shown, read once a render; while updates are paused as it was then.</summary>
    private ResourceView? View
    {
        get
        {
            if (PausedAt is null || _view?.Item.Name != Name)
            {
                _view = Resources.Find(KindName, Namespace, Name) is { } item ? ResourceView.Of(item, Directory, Resources, Current) : null;
            }

            return _view;
        }
    }

    private IReadOnlyList<Crumb> Crumbs
    {
        get
        {
            var root = $"/ns/{Uri.EscapeDataString(Namespace)}";
            return KindName is "Flow" or "FlowSet"
                ? [new Crumb(Namespace, $"{root}/flows"), new Crumb("Flows", $"{root}/flows")]
                : [new Crumb(Namespace, $"{root}/resources"), new Crumb(KindName, $"{root}/resources?kind={KindName}")];
        }
    }

    protected override void OnInitialized()
    {
        Watch(Directory.Pods, pod => pod.Namespace == Namespace);
        Watch(Directory.Events, item => item.Namespace == Namespace);
        Watch(Directory.Secrets, item => item.Namespace == Namespace);
        if (RendererInfo.IsInteractive)
        {
            Keep(Resources.Subscribe(item => item.Namespace == Namespace, RequestRender));
        }

        KeepAgesCurrent();
    }

    protected override void OnParametersSet() => _error = null;

    private static IEnumerable<(string Tab, string Title)> Tabs(KubeObject item)
    {
        yield return ("overview", "Overview");
        if (item is Flow or FlowSet or Eval)
        {
            yield return ("pods", "Pods and logs");
        }

        yield return ("events", "Events");
        yield return ("manifest", "Manifest");
        yield return ("diff", "Diff");
        yield return ("history", "History");
        yield return ("access", "Access");
    }

    // Of a Flow, so that its links stay those of its page.
    private string LinkTo(string tab) => ResourceLinks.To(KindName, Namespace, Name, tab == "overview" ? null : tab)!;

    private static string? ImageOf(KubeObject item) => item is Flow or FlowSet ? item.Json["spec"]?["image"]?.ToString() : null;

    private async Task DeleteAsync()
    {
        var isAsked = Changes.Cover(Namespace);
        var question = $"Its pods stop and calls to it fail. Prompts and models stay.{(isAsked ? " Here it takes a release: nothing is deleted before that is agreed." : "")}";
        if (!await Dialogs.AskAsync($"Delete the flow “{Name}”?", question, isAsked ? "Ask to delete it" : "Delete flow"))
        {
            return;
        }

        try
        {
            var result = await Commands.DeleteAsync(User, Namespace, Name, CancellationToken.None);
            if (result.Request is { } request)
            {
                Navigation.NavigateTo($"/approvals/{request.Id}");
                return;
            }

            _error = result.Refusal;
            if (_error is null)
            {
                Navigation.NavigateTo(Crumbs[^1].Href);
            }
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or AccessDeniedException or OwnedObjectException)
        {
            _error = exception.Message;
        }
    }
}

/// <summary>An object with all that its page says of it.</summary>
internal sealed record ResourceView(
    KubeObject Item, IReadOnlyList<PodSummary> Pods, IReadOnlyList<ChainLink> Chain, FlowVerdict Verdict, IReadOnlyList<FlowEvent> Events, IReadOnlyList<ResourceLine> Users)
{
    public static ResourceView Of(KubeObject item, FlowDirectory directory, ResourceDirectory resources, string tab)
    {
        var pods = directory.PodsOf(item);
        var chain = ReferenceChain.Of(item, directory);
        return new ResourceView(
            item,
            [.. pods.Select(PodSummary.Of)],
            chain,
            FlowVerdict.Of(item, pods, chain),
            tab == "events" ? directory.EventsOf(item) : [],
            tab == "overview" ? [.. resources.UsersOf(item).Select(user => ResourceLine.Of(user, directory))] : []);
    }
}
