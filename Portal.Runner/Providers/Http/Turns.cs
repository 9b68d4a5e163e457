using Portal.Dotprompt.Messages;

namespace Portal.Runner.Providers.Http;

/// <summary>Conversations for vendors where user and assistant take turns and all answers to one turn's tools belong into one message.</summary>
internal static class Turns
{
    /// <summary>Messages with <c>role</c> and <c>content</c>, neighbours of one role joined; system messages are left out.</summary>
    public static JsonArray Of(IReadOnlyList<Message> messages, Func<Part, JsonObject?> blockOf)
    {
        var turns = new JsonArray();
        foreach (var message in ToolRefs.Complete(messages).Where(static message => message.Role != "system"))
        {
            var role = message.Role == "model" ? "assistant" : "user";
            JsonNode[] blocks = [.. message.Content.Select(blockOf).OfType<JsonNode>()];
            if (blocks.Length > 0 && turns.Count > 0 && turns[^1].Member("role").Text() == role)
            {
                foreach (var block in blocks)
                {
                    turns[^1]!["content"]!.AsArray().Add(block);
                }
            }
            else if (blocks.Length > 0)
            {
                turns.Add(new JsonObject { ["role"] = role, ["content"] = new JsonArray(blocks) });
            }
        }

        return turns;
    }
}
