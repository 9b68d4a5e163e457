using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>One flow, live: why it is ready or not, how to call it, and what its pods do.</summary>
public sealed partial class FlowPage
{
    private string? _error;

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    private Flow? Flow => Directory.Find(Namespace, Name);

    private string ListLink => $"/ns/{Uri.EscapeDataString(Namespace)}/flows";

    private IReadOnlyList<Crumb> Crumbs => [new Crumb(Namespace, ListLink), new Crumb("Flows", ListLink)];

    protected override void OnInitialized()
    {
        Watch(Directory.Flows, flow => flow.Namespace == Namespace && flow.Name == Name);
        Watch(Directory.Pods, pod => pod.Namespace == Namespace);
        Watch(Directory.Events, item => item.Namespace == Namespace);
        Watch(Directory.Models, item => item.Namespace == Namespace);
        Watch(Directory.Prompts, item => item.Namespace == Namespace);
        Watch(Directory.Tools, item => item.Namespace == Namespace);
        Watch(Directory.PluginConfigs, item => item.Namespace == Namespace);
        Watch(Directory.Secrets, item => item.Namespace == Namespace);
        KeepAgesCurrent();
    }

    protected override void OnParametersSet() => _error = null;

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
                Navigation.NavigateTo(ListLink);
            }
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or AccessDeniedException or OwnedObjectException)
        {
            _error = exception.Message;
        }
    }
}
