using System.Text;
using System.Text.RegularExpressions;
using Portal.Dotprompt;
using Portal.Dotprompt.Documents;

namespace Portal.Features.Exchange.Formats;

/// <summary>
/// Text with <c>{{variables}}</c>, as OpenAI and Langfuse write it, and the Dotprompt template that renders to the same. Everything that is not a variable
/// is text there, so braces and backslashes are escaped by the rules of Handlebars.
/// </summary>
internal static partial class TemplateText
{
    /// <summary>Words a tag may not begin with as a plain name: helpers would be called, constants be written.</summary>
    private static readonly HashSet<string> s_constants = ["true", "false", "null", "undefined", "this", "else", "as"];

    private static readonly HashSet<string> s_helpers = [.. DotpromptLanguage.Helpers.Select(helper => helper.Name), "blockHelperMissing", "helperMissing"];

    /// <summary>Cuts a text at its variables.</summary>
    public static IReadOnlyList<PlainPart> Read(string text)
    {
        var (parts, start) = (new List<PlainPart>(), 0);
        foreach (Match match in Variable().Matches(text))
        {
            if (match.Index > start)
            {
                parts.Add(new PlainText(text[start..match.Index]));
            }

            parts.Add(new PlainVariable(match.Groups["name"].Value));
            start = match.Index + match.Length;
        }

        if (start < text.Length)
        {
            parts.Add(new PlainText(text[start..]));
        }

        return parts;
    }

    /// <summary>The template of messages; a conversation that is one message of the user needs no role.</summary>
    public static string Write(IReadOnlyList<PlainMessage> messages)
    {
        var template = new StringBuilder();
        if (messages is [{ Role: "user" } only])
        {
            Append(template, only.Parts);
            return template.ToString();
        }

        foreach (var message in messages)
        {
            template.Append(template.Length > 0 ? "\n\n{{~" : "{{").Append(message.Role is { } role ? $"role \"{role}\"~}}}}\n" : "history}}");
            Append(template, message.Parts);
        }

        return template.ToString();
    }

    /// <summary>Whether a variable can be named so in a template.</summary>
    public static bool IsSimple(string name) => SimpleName().IsMatch(name);

    private static void Append(StringBuilder template, IReadOnlyList<PlainPart> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i] is PlainText text)
            {
                AppendText(template, text.Text);
                continue;
            }

            // Braces beside a tag would be taken for its own: a space keeps them apart, and ~ takes it away again.
            var before = template.Length > 0 ? template[^1] : '\n';
            var isAfterBrace = before == '{';
            var isBeforeBrace = parts.ElementAtOrDefault(i + 1) is PlainText { Text: ['}', ..] };
            template.Append(before switch { '{' => " ", '\\' => "\\", _ => "" })
                .Append(isAfterBrace ? "{{~" : "{{").Append(TagOf(parts[i])).Append(isBeforeBrace ? "~}} " : "}}");
        }
    }

    private static void AppendText(StringBuilder template, string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '{' || i + 1 >= text.Length || text[i + 1] != '{')
            {
                template.Append(text[i]);
                continue;
            }

            // A backslash that is text must not join the one that escapes.
            template.Append(i > 0 && text[i - 1] == '\\' ? "\\{{!}}" : "").Append("\\{{");
            i++;
        }
    }

    private static string TagOf(PlainPart part) => part switch
    {
        PlainVariable variable => PathOf(variable.Name),
        PlainPartial partial => $">{partial.Name}",
        PlainMedia media => $"media url={(media.Variable is { } name ? PathOf(name) : Quoted(media.Url!))}{(media.ContentType is { } type ? $" contentType={Quoted(type)}" : "")}",
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, null),
    };

    private static string PathOf(string name) => s_helpers.Contains(name) ? $"this.{name}" : IsSimple(name) && !s_constants.Contains(name) ? name : $"[{name}]";

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    // What is longer, or holds quotes or brackets, is nobody's variable.
    [GeneratedRegex(@"\{\{\s*(?<name>[\p{L}_][\p{L}\p{N}_. \-]{0,99}?)\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^[\p{L}_][\p{L}\p{N}_\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SimpleName();
}
