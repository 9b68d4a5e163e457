using Portal.Dotprompt.Messages;
using Portal.Runner.Engine;

namespace Portal.Runner.Providers.Http;

/// <summary>Media whose bytes are in its <c>data:</c> URL.</summary>
/// <param name="Type">MIME type: the part's own, else the URL's.</param>
/// <param name="Data">The bytes in base64.</param>
internal sealed record InlineMedia(string Type, string Data)
{
    /// <summary>The URL taken apart; null when it is another URL.</summary>
    /// <exception cref="GenkitException">The URL is a data: URL of another form than base64.</exception>
    public static InlineMedia? Of(MediaPart media)
    {
        if (!media.Url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var comma = media.Url.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? "" : media.Url[5..comma];
        return head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase)
            ? new InlineMedia(media.ContentType ?? head.Split(';')[0], media.Url[(comma + 1)..])
            : throw new GenkitException(GenkitStatus.InvalidArgument, "A media data: URL must be of the form data:TYPE;base64,DATA.");
    }
}
