using Microsoft.AspNetCore.Components;

namespace Portal.Features.Flows.Logs;

/// <summary>
/// The end of a pod's log, going on as it grows. What is shown is bounded and sent to the browser once, so that neither binary garbage nor a pod that prints without
/// end hurts. Container, severity, search and previous run are in the page's address.
/// </summary>
public sealed partial class PodLogView
{
    private const int Tail = 500;

    private readonly LogBuffer _buffer = new();
    private CancellationTokenSource? _reading;
    private LogRequest? _request;
    private string? _seen;
    private string? _ended;
    private bool _wrap = true;
    private string _find = "";

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public PodSummary Pod { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "level")]
    public string? Level { get; set; }

    [SupplyParameterFromQuery(Name = "previous")]
    public string? Previous { get; set; }

    [SupplyParameterFromQuery(Name = "container")]
    public string? Asked { get; set; }

    private LogLevelFilter MinimumLevel => Enum.TryParse<LogLevelFilter>(Level, ignoreCase: true, out var level) && Enum.IsDefined(level) ? level : LogLevelFilter.All;

    private bool IsPrevious => Previous == "1";

    private string? Container => Asked is not null && Pod.Containers.Contains(Asked) ? Asked : Pod.Containers is [var first, ..] ? first : null;

    private string State => _ended ?? (_buffer.IsPaused || IsPaused ? "paused" : "following");

    private string Download => $"/api/v1/namespaces/{Uri.EscapeDataString(Namespace)}/pods/{Uri.EscapeDataString(Pod.Name)}/log"
        + $"?previous={(IsPrevious ? "true" : "false")}{(Container is { } container ? $"&container={Uri.EscapeDataString(container)}" : "")}";

    protected override void OnParametersSet()
    {
        if (!RendererInfo.IsInteractive)
        {
            return;
        }

        var request = new LogRequest(Namespace, Pod.Name, Tail) { Container = Container, Previous = IsPrevious, GoesOn = Pod.GoesOn };
        if (request != _request)
        {
            _buffer.Clear();
            Start(request);
        }
        else if (_ended is not null && _seen != $"{Pod.State} {Pod.Restarts}" && !IsPrevious)
        {
            // It could not be read, or had ended; now something is different.
            Start(request);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _reading?.Cancel();
        base.Dispose(disposing);
    }

    private void Start(LogRequest request)
    {
        _reading?.Cancel();
        _reading = new CancellationTokenSource();
        (_request, _ended, _seen) = (request, null, $"{Pod.State} {Pod.Restarts}");
        var stop = _reading.Token;
        _ = Task.Run(() => ReadAsync(request, stop), CancellationToken.None);
    }

    private void Pause() => _buffer.IsPaused = !_buffer.IsPaused;

    private void Go(string name, object? value) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameter(name, value?.ToString() is { Length: > 0 } text and not nameof(LogLevelFilter.All) ? text : null), replace: true);

    private async Task ReadAsync(LogRequest request, CancellationToken stop)
    {
        var ended = "ended";
        try
        {
            await foreach (var piece in Reader.FollowAsync(request, stop))
            {
                switch (piece)
                {
                    case LogPiece.Line line:
                        _buffer.Add(new LogEntry(LogLevels.Of(line.Text), LogText.Readable(line.Text)));
                        break;
                    case LogPiece.Skipped:
                        _buffer.Add(new LogEntry(LogLevelFilter.Warning, "— The pod prints faster than can be shown: lines were left out here. —"));
                        break;
                    case LogPiece.Ended { Why: { } why }:
                        ended = why;
                        break;
                }

                RequestRender();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            ended = $"broke off: {exception.Message}";
        }

        if (!stop.IsCancellationRequested)
        {
            _ended = ended;
            RequestRender();
        }
    }
}
