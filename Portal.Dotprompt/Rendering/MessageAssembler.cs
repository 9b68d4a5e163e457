using System.Text.RegularExpressions;
using Portal.Dotprompt.Messages;
using Portal.Dotprompt.Templates;
using Portal.Dotprompt.Text;

namespace Portal.Dotprompt.Rendering;

/// <summary>Makes messages of rendered text and markers.</summary>
internal static partial class MessageAssembler
{
    private const string RolePrefix = "<<<dotprompt:role:";
    private const string HistoryPrefix = "<<<dotprompt:history";
    private const string MediaPrefix = "<<<dotprompt:media:";
    private const string SectionPrefix = "<<<dotprompt:section";

    public static IReadOnlyList<Message> Assemble(IEnumerable<(string? Text, Marker? Marker)> segments, IReadOnlyList<Message> history)
    {
        var messages = new List<Message>();
        var (role, parts) = ("user", new List<Part>());
        foreach (var (text, marker) in segments)
        {
            switch (marker)
            {
                case Marker.Role next:
                    Finish();
                    role = next.Name;
                    break;
                case Marker.History:
                    Finish();
                    messages.AddRange(history.Select(Tag));
                    role = "model";
                    break;
                case Marker.Media media:
                    parts.Add(new MediaPart(media.Url, media.ContentType));
                    break;
                case Marker.Section section:
                    parts.Add(new PendingPart { Metadata = new JsonObject { ["purpose"] = section.Name, ["pending"] = true } });
                    break;
                default:
                    parts.Add(new TextPart(text!));
                    break;
            }
        }

        Finish();
        return InsertHistory(messages, history);

        void Finish()
        {
            if (parts.Count > 0)
            {
                messages.Add(new Message(role, parts));
                parts = [];
            }
        }
    }

    /// <summary>Finds markers in text by the reference's patterns, inserted values included.</summary>
    public static IEnumerable<(string? Text, Marker? Marker)> ParseInBand(string text)
    {
        foreach (var piece in Split(RoleOrHistory(), text))
        {
            if (piece.StartsWith(RolePrefix, StringComparison.Ordinal))
            {
                yield return (null, new Marker.Role(piece[RolePrefix.Length..]));
            }
            else if (piece.StartsWith(HistoryPrefix, StringComparison.Ordinal))
            {
                yield return (null, new Marker.History());
            }
            else
            {
                foreach (var part in Split(MediaOrSection(), piece))
                {
                    yield return ParsePart(part);
                }
            }
        }
    }

    private static (string? Text, Marker? Marker) ParsePart(string part)
    {
        var fields = part.Split(' ');
        if (part.StartsWith(MediaPrefix, StringComparison.Ordinal))
        {
            return (null, new Marker.Media(fields.ElementAtOrDefault(1) ?? "undefined", fields.ElementAtOrDefault(2) is { Length: > 0 } type ? type : null));
        }

        return part.StartsWith(SectionPrefix, StringComparison.Ordinal)
            ? (null, new Marker.Section(fields.ElementAtOrDefault(1) ?? ""))
            : (part, null);
    }

    private static IEnumerable<string> Split(Regex pattern, string text) => pattern.Split(text).Where(piece => !JsText.IsBlank(piece));

    private static Message Tag(Message message)
    {
        var metadata = message.Metadata?.DeepClone().AsObject() ?? [];
        metadata["purpose"] = "history";
        return message with { Metadata = metadata };
    }

    /// <summary>A template that does not place the history gets it before its last user message, else at the end.</summary>
    private static List<Message> InsertHistory(List<Message> messages, IReadOnlyList<Message> history)
    {
        if (history.Count == 0 || messages.Exists(message => message.Metadata?["purpose"]?.ToString() == "history"))
        {
            return messages;
        }

        messages.InsertRange(messages is [.., { Role: "user" }] ? messages.Count - 1 : messages.Count, history);
        return messages;
    }

    [GeneratedRegex("(<<<dotprompt:(?:role:[a-z]+|history))>>>")]
    private static partial Regex RoleOrHistory();

    [GeneratedRegex("(<<<dotprompt:(?:media:url|section)[^\\n\\r\\u2028\\u2029]*?)>>>")]
    private static partial Regex MediaOrSection();
}
