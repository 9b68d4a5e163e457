using System.Globalization;
using Portal.Dotprompt.Messages;

namespace Portal.Runner.Providers.Http;

/// <summary>
/// Ids that tie a tool's answer to the model's request, where vendor or history has none. Numbered, and above every number in the
/// conversation, so that a request stays the same when it is made again.
/// </summary>
internal sealed class ToolRefs
{
    private const string Prefix = "local-";
    private int _next;

    public ToolRefs(IReadOnlyList<Message> messages)
    {
        foreach (var part in messages.SelectMany(static message => message.Content).OfType<ToolRequestPart>())
        {
            if (IsMadeUp(part.Ref) && int.TryParse(part.Ref.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= _next)
            {
                _next = number + 1;
            }
        }
    }

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{_next++}");

    /// <summary>Whether the id is ours, so that its vendor does not know it.</summary>
    public static bool IsMadeUp(string? id) => id?.StartsWith(Prefix, StringComparison.Ordinal) == true;

    /// <summary>The conversation with an id on every tool request and answer; answers without one go to the requests of their tool in order.</summary>
    public static IReadOnlyList<Message> Complete(IReadOnlyList<Message> messages)
    {
        if (!messages.Any(static message => message.Content.Any(static part => part is ToolRequestPart { Ref: null or "" } or ToolResponsePart { Ref: null or "" })))
        {
            return messages;
        }

        var refs = new ToolRefs(messages);
        List<(string Name, string Id)> open = [];
        return [.. messages.Select(message => message with { Content = [.. message.Content.Select(part => Completed(part, refs, open))] })];
    }

    private static Part Completed(Part part, ToolRefs refs, List<(string Name, string Id)> open)
    {
        switch (part)
        {
            case ToolRequestPart request:
                var id = request.Ref is { Length: > 0 } given ? given : refs.Next();
                open.Add((request.Name, id));
                return request with { Ref = id };
            case ToolResponsePart response:
                var index = open.FindIndex(call => response.Ref is { Length: > 0 } known ? call.Id == known : call.Name == response.Name);
                var answered = response.Ref is { Length: > 0 } own ? own : index < 0 ? refs.Next() : open[index].Id;
                if (index >= 0)
                {
                    open.RemoveAt(index);
                }

                return response with { Ref = answered };
            default:
                return part;
        }
    }
}
