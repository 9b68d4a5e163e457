using Microsoft.AspNetCore.Components;

namespace Portal.Components;

/// <summary>Stands in for a part of the page that threw: shows an id, and logs the exception under it.</summary>
public sealed partial class UnexpectedError(ILogger<UnexpectedError> logger)
{
    private readonly string _id = Guid.NewGuid().ToString("N")[..8];

    [Parameter, EditorRequired]
    public Exception Exception { get; set; } = null!;

    [Parameter]
    public EventCallback Retry { get; set; }

    protected override void OnInitialized() => Log.PageFailed(logger, _id, Exception);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A page failed; its reader was shown the id {ErrorId}.")]
        public static partial void PageFailed(ILogger logger, string errorId, Exception exception);
    }
}
