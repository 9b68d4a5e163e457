using Microsoft.JSInterop;

namespace Portal.Components;

/// <summary>The time zone of the reader's browser; UTC where it says none that is known here.</summary>
public sealed class ReaderTimeZone(IJSRuntime browser)
{
    private const string Cookie = "gp-time-zone";

    private TimeZoneInfo? _zone;

    /// <param name="request">That of the page while it is prerendered, when no script can be asked; null later.</param>
    public async Task<TimeZoneInfo> FindAsync(HttpContext? request)
    {
        if (_zone is null)
        {
            var name = request is not null ? request.Request.Cookies[Cookie] : await AskAsync();
            _zone = name is { Length: > 0 and < 64 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;
        }

        return _zone;
    }

    private async Task<string?> AskAsync()
    {
        try
        {
            return await browser.InvokeAsync<string?>("genkitTimeZone");
        }
        catch (JSException)
        {
            // A page of an older portal that is still open has no such function.
            return null;
        }
    }
}
