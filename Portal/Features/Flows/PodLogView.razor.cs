using Microsoft.AspNetCore.Components;

namespace Portal.Features.Flows;

/// <summary>The end of a pod's log, going on as it grows.</summary>
public sealed partial class PodLogView
{
    private const int Tail = 200;
    private const int MaxLines = 1000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<string> _lines = new();
    private readonly Lock _gate = new();
    private bool _following;

    [Parameter, EditorRequired]
    public string Namespace { get; set; } = "";

    [Parameter, EditorRequired]
    public string Pod { get; set; } = "";

    private string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _following = true;
            _ = FollowAsync();
        }
    }

    protected override void Dispose(bool disposing)
    {
        _stop.Cancel();
        base.Dispose(disposing);
    }

    private async Task FollowAsync()
    {
        try
        {
            await foreach (var line in Reader.FollowAsync(Namespace, Pod, Tail, _stop.Token))
            {
                lock (_gate)
                {
                    _lines.Enqueue(LogText.Readable(line));
                    if (_lines.Count > MaxLines)
                    {
                        _lines.Dequeue();
                    }
                }

                RequestRender();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            // The page was left, or the log broke off: what was read stays on show.
        }

        _following = false;
        RequestRender();
    }
}
