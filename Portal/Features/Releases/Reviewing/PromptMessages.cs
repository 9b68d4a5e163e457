using System.Text.RegularExpressions;

namespace Portal.Features.Releases.Reviewing;

/// <param name="Role">As the template names it; <c>user</c> for what comes before the first role.</param>
/// <param name="Text">The template's text, unrendered.</param>
public sealed record PromptMessage(string Role, string Text);

/// <summary>The messages of a template as it is written.</summary>
public static partial class PromptMessages
{
    public static IReadOnlyList<PromptMessage> Of(string template)
    {
        var messages = new List<PromptMessage>();
        var (role, start) = ("user", 0);
        foreach (Match match in Role().Matches(template))
        {
            Add(messages, role, template[start..match.Index]);
            (role, start) = (match.Groups[1].Value, match.Index + match.Length);
        }

        Add(messages, role, template[start..]);
        return messages;
    }

    private static void Add(List<PromptMessage> messages, string role, string text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            messages.Add(new PromptMessage(role, text.Trim()));
        }
    }

    [GeneratedRegex("""\{\{~?\s*role\s+["'](\w+)["']\s*~?\}\}""")]
    private static partial Regex Role();
}
