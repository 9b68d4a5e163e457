using System.Text;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Documents;
using Portal.Dotprompt.Rendering;
using Portal.Features.Flows.Proxy;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>A form made from the input schema of the prompt a flow answers with, and its answer as it streams.</summary>
public sealed partial class FlowCallForm
{
    /// <summary>A runner takes bodies of 1 MiB unless told otherwise, and base64 makes four bytes of three.</summary>
    private const long MostMediaBytes = 740_000;

    /// <summary>Longest text of a value in the curl example.</summary>
    private const int LongestExample = 2000;

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _output = new();
    private InputsModel _inputs = new();
    private CancellationTokenSource? _call;
    private string? _prompt;
    private string? _content;
    private string? _error;
    private string _state = "";
    private bool _running;

    [Parameter, EditorRequired]
    public Flow Flow { get; set; } = null!;

    /// <summary>What the flow serves; the first is the entry.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<(string Name, string? Content)> Prompts { get; set; } = [];

    private bool IsEntry => Prompts.Count == 0 || _prompt is null || _prompt == Prompts[0].Name;

    private string Curl => $"curl -N {Navigation.BaseUri.TrimEnd('/')}{FlowSummary.PathOf(Flow.Namespace!, Flow.Name)}{(IsEntry ? "" : $"/{Uri.EscapeDataString(_prompt!)}")} \\\n"
        + $"  -H 'content-type: application/json' -H 'accept: text/event-stream' \\\n  -d '{Body().Replace("'", "'\\''", StringComparison.Ordinal)}'";

    protected override void OnParametersSet()
    {
        var (name, content) = Prompts.FirstOrDefault(prompt => prompt.Name == _prompt);
        if (name is null && Prompts.Count > 0)
        {
            (name, content) = Prompts[0];
        }

        if (name != _prompt || content != _content)
        {
            Fill(name, content);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _call?.Cancel();
        base.Dispose(disposing);
    }

    private void Choose(string? name)
    {
        var (found, content) = Prompts.FirstOrDefault(prompt => prompt.Name == name);
        Fill(found, content);
        _output.Clear();
    }

    // What was typed stays when the prompt is published again with the same input.
    private void Fill(string? name, string? content)
    {
        if (name != _prompt)
        {
            _inputs = new InputsModel();
        }

        (_prompt, _content) = (name, content);
        var document = DotpromptDocument.Parse(content ?? "");
        _inputs.Update(SchemaOf(document), document.Metadata.InputDefaults, PromptOutline.Of(document).Media);
    }

    private static JsonObject? SchemaOf(DotpromptDocument document)
    {
        try
        {
            return new PromptRenderer(new RenderEnvironment()).RenderMetadata(document).InputSchema;
        }
        catch (PromptRenderException)
        {
            return null;
        }
    }

    private void Stop() => _call?.Cancel();

    /// <summary>What is filled in, without the bytes of files.</summary>
    private string Body()
    {
        var input = _inputs.TryBuild(out var built, out _) ? built! : [];
        foreach (var (name, value) in input.ToList())
        {
            if (value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > LongestExample)
            {
                input[name] = text[..40] + "…";
            }
        }

        return input.ToJsonString(s_readable);
    }

    private async Task RunAsync()
    {
        if (_running)
        {
            return;
        }

        if (!_inputs.TryBuild(out var input, out var problem))
        {
            (_error, _state) = (problem, "");
            return;
        }

        using var call = new CancellationTokenSource();
        (_call, _running, _error, _state) = (call, true, null, "Calling…");
        _output.Clear();
        var start = Clock.GetTimestamp();
        try
        {
            // The flow's own route for its entry prompt, as a caller would use it.
            var route = IsEntry ? Flow.Name : _prompt!;
            await foreach (var piece in Stream.CallAsync(User, Flow, route, input!, call.Token))
            {
                Take(piece);
                RequestRender();
            }

            _state = $"{Clock.GetElapsedTime(start).TotalSeconds:0.0} s";
        }
        catch (OperationCanceledException) when (call.IsCancellationRequested)
        {
            _state = "Stopped";
        }
        catch (AccessDeniedException exception)
        {
            (_error, _state) = (exception.Message, "");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            _error = $"The answer broke off: {exception.Message}";
            _state = "";
        }
        finally
        {
            (_call, _running) = (null, false);
        }
    }

    private void Take(FlowPiece piece)
    {
        switch (piece)
        {
            case FlowPiece.Text text:
                _output.Append(text.Value);
                break;
            case FlowPiece.Result { Value: { } value } when _output.Length == 0:
                _output.Append(value is JsonValue ? value.ToString() : value.ToJsonString(s_readable));
                break;
            case FlowPiece.Error error:
                _error = error.Message;
                break;
        }
    }
}
