using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Data;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>Asks for what a flow needs and applies it; closes with the flow's name.</summary>
public sealed partial class NewFlowDialog
{
    private readonly List<string> _chosen = [];
    private string _name = "";
    private string _model = "";
    private string? _error;
    private Release? _request;
    private bool _busy;

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    private List<string> Prompts => [.. Directory.Prompts.Store.List(Namespace).Select(prompt => prompt.Name)];

    private List<string> Models => [.. Directory.Models.Store.List(Namespace).Select(model => model.Name)];

    /// <summary>What the cluster would say to it now, as it is typed.</summary>
    private AdmissionVerdict Verdict => _name.Trim() is { Length: > 0 } name ? Commands.Review(Desired(name)) : AdmissionVerdict.Allowed;

    protected override void OnInitialized() => _model = Models is [var only] ? only : "";

    private void Toggle(string prompt)
    {
        if (!_chosen.Remove(prompt))
        {
            _chosen.Add(prompt);
        }
    }

    private async Task CreateAsync()
    {
        _busy = true;
        _error = null;
        try
        {
            var name = _name.Trim();
            var result = await Commands.CreateAsync(User, Desired(name), CancellationToken.None);
            (_request, _error) = (result.Request, result.Refusal);
            if (result.IsMade)
            {
                Dialogs.Close(name);
            }
            else if (_request is null)
            {
                _error ??= $"There is already a flow \"{name}\" in {Namespace}. Choose another name.";
            }
        }
        catch (Exception exception) when (exception is KubernetesException or HttpRequestException or AccessDeniedException or AdmissionException)
        {
            _error = exception.Message;
        }
        finally
        {
            _busy = false;
        }
    }

    private Flow Desired(string name)
    {
        var spec = new JsonObject
        {
            ["image"] = Options.Admission.RunnerImage ?? RunnerImage.Name,
            ["prompts"] = new JsonArray([.. _chosen.Select(prompt => new JsonObject { ["promptRef"] = new JsonObject { ["name"] = prompt } })]),
        };
        if (_model.Length > 0)
        {
            spec["modelRef"] = new JsonObject { ["name"] = _model };
        }

        return new Flow(new JsonObject
        {
            ["apiVersion"] = Flow.Definition.ApiVersion,
            ["kind"] = Flow.Definition.Kind,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["spec"] = spec,
        });
    }
}
