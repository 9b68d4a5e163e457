using System.Text;

namespace Portal.Features.Prompts;

/// <summary>Limits of a document.</summary>
public static class PromptContent
{
    /// <summary>
    /// Bytes of UTF-8. A cluster stores objects of up to 1.5 MB and ConfigMaps of up to 1 MiB, which a flow needs for its prompts.
    /// </summary>
    public const int MaximumBytes = 900_000;

    /// <summary>What forbids storing a document at all; null when nothing does.</summary>
    public static string? Check(string content)
    {
        if (string.IsNullOrWhiteSpace(content))
        {
            return "The prompt is empty. Write what the model shall do.";
        }

        if (content.Contains('\0'))
        {
            return "The prompt contains a NUL character, which cannot be stored. Remove it.";
        }

        return TooLong(content);
    }

    /// <summary>What to say of a document that is longer than can be published; null when it is not.</summary>
    public static string? TooLong(string content)
    {
        var bytes = Encoding.UTF8.GetByteCount(content);
        return bytes > MaximumBytes ? $"The prompt has {bytes:N0} bytes; at most {MaximumBytes:N0} can be stored. Shorten it." : null;
    }
}
