using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>System messages for vendors that keep them apart from the conversation, and cannot bind an answer to JSON.</summary>
internal static class SystemTexts
{
    public static IEnumerable<string> Of(ModelRequest request)
    {
        foreach (var message in request.Messages.Where(static message => message.Role == "system"))
        {
            if (message.Text.Trim() is { Length: > 0 } text)
            {
                yield return text;
            }
        }

        if (request.OutputFormat == "json" && !OutputInstructions.Present(request.Messages))
        {
            yield return OutputInstructions.ForJson(request.OutputSchema);
        }
    }
}
