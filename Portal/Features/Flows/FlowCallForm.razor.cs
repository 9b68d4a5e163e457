using System.Text;
using Microsoft.AspNetCore.Components;
using Portal.Auth;
using Portal.Features.Flows.Proxy;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>A form made from the input schema of the prompt a flow answers with, and its answer as it streams.</summary>
public sealed partial class FlowCallForm
{
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _output = new();
    private IReadOnlyList<CallField> _fields = [];
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
        var typed = name == _prompt ? _fields.ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal) : [];
        (_prompt, _content) = (name, content);
        _fields = content is null ? [] : CallFields.Of(content);
        foreach (var field in _fields)
        {
            field.Value = typed.GetValueOrDefault(field.Name, field.Value);
        }
    }

    private void Stop() => _call?.Cancel();

    private string Body()
    {
        var input = new JsonObject();
        foreach (var item in _fields)
        {
            item.Read(input);
        }

        return input.ToJsonString(s_readable);
    }

    private async Task RunAsync()
    {
        var input = new JsonObject();
        var valid = true;
        foreach (var item in _fields)
        {
            valid &= item.TryAddTo(input);
        }

        if (_running || !valid)
        {
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
            await foreach (var piece in Stream.CallAsync(User, Flow, route, input, call.Token))
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
