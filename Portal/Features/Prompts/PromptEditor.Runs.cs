using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Features.Playground;
using Portal.Runner.Engine;

namespace Portal.Features.Prompts;

// Running and previewing.
public sealed partial class PromptEditor
{
    private async Task RunAsync()
    {
        if (_run is { IsRunning: true })
        {
            return;
        }

        await CatchUpAsync();
        (_runProblem, _pane) = (null, "test");
        if (_tooLarge is not null || PromptContent.Check(_autosave.Text) is not null)
        {
            _runProblem = new RunError("INVALID_ARGUMENT", _tooLarge ?? PromptContent.Check(_autosave.Text)!, null);
            ShowTab(null);
            return;
        }

        if (!_inputs.TryBuild(out var input, out var problem))
        {
            _runProblem = new RunError("INVALID_ARGUMENT", problem!, "Mend the input and run again.");
            ShowTab(null);
            return;
        }

        try
        {
            var request = new RunRequest { Namespace = Namespace, Prompt = Name, Content = _autosave.Text, Input = input!, Model = _pickedModel, Previews = new Dictionary<string, string>(_inputs.Previews) };
            var run = runs.Start(user, request);
            _ended = null;
            Attach(run);
            GoTo(new() { ["run"] = run.Id, ["tab"] = null });
        }
        catch (AccessDeniedException exception)
        {
            _runProblem = new RunError("PERMISSION_DENIED", exception.Message, null);
        }
        catch (RunRefusedException exception)
        {
            _runProblem = new RunError(exception.Status.WireName(), exception.Message, exception.Next);
        }
    }

    private void Stop() => _run?.Stop();

    private Task StopAsync()
    {
        Stop();
        return Task.CompletedTask;
    }

    private void Attach(Run? run)
    {
        if (_run is not null)
        {
            _run.Changed -= OnRunChanged;
        }

        _run = run;
        if (run is not null)
        {
            run.Changed += OnRunChanged;
        }
    }

    /// <summary>Only the buttons of this page depend on the run; its output renders itself.</summary>
    private void OnRunChanged()
    {
        if (_run is { IsRunning: false })
        {
            RequestRender();
        }
    }

    private void ShowTab(string? tab) => GoTo(new() { ["tab"] = tab });

    private void GoTo(Dictionary<string, object?> query) => navigation.NavigateTo(navigation.GetUriWithQueryParameters(query), replace: true);

    private Preview RenderPreview() => _inputs.TryBuild(out var input, out var problem)
        ? preview.Render(Namespace, Name, _check!.Document, input!)
        : new Preview([], problem, null);
}
