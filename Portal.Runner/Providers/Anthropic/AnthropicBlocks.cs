using Portal.Dotprompt.Messages;
using Portal.Runner.Providers.Http;

namespace Portal.Runner.Providers.Anthropic;

/// <summary>Reads content blocks, whole or as a stream's pieces: https://docs.anthropic.com/en/docs/build-with-claude/streaming.</summary>
internal sealed class AnthropicBlocks(ModelRequest request, ProviderFailures failures)
{
    private readonly ToolCalls _calls = new(failures, new ToolRefs(request.Messages));
    private readonly ToolRefs _refs = new(request.Messages);

    /// <summary>A block of a whole answer; null for kinds that are not ours.</summary>
    public Part? Whole(JsonNode? block) => block.Member("type").Text() == "tool_use"
        ? new ToolRequestPart(block.Member("name").Text() ?? throw failures.Garbage("a tool call with a name"), block.Member("id").Text() ?? _refs.Next(), block.Member("input")?.DeepClone() ?? new JsonObject())
        : TextOf(block);

    /// <summary>What the beginning of a block already says; null when that is nothing.</summary>
    public Part? Start(JsonNode? frame)
    {
        var block = frame.Member("content_block");
        if (block.Member("type").Text() != "tool_use")
        {
            return TextOf(block);
        }

        // The input is empty here and comes in pieces; servers that like it whole put it here.
        var input = block.Member("input") is JsonObject { Count: > 0 } whole ? whole.ToJsonString() : null;
        _calls.Add(IndexOf(frame), block.Member("id").Text(), block.Member("name").Text(), input);
        return null;
    }

    /// <summary>What a piece adds; null when that cannot be told yet.</summary>
    public Part? Add(JsonNode? frame)
    {
        var delta = frame.Member("delta");
        if (delta.Member("partial_json").Text() is { } json)
        {
            _calls.Append(IndexOf(frame), json);
            return null;
        }

        return TextOf(delta);
    }

    /// <summary>The tool calls, once the answer is whole: only then is it known whether one was cut off.</summary>
    public IReadOnlyList<Part> End(string? finishReason) => _calls.EndAll(finishReason);

    private static long IndexOf(JsonNode? frame) => frame.Member("index").Count() ?? 0;

    private static Part? TextOf(JsonNode? block)
    {
        if (block.Member("text").Text() is { Length: > 0 } text)
        {
            return new TextPart(text);
        }

        var thinking = block.Member("thinking").Text();
        var signature = block.Member("signature").Text();
        return !string.IsNullOrEmpty(thinking) || !string.IsNullOrEmpty(signature) ? ThoughtSignature.With(new ReasoningPart(thinking ?? ""), signature)
            : block.Member("type").Text() == "redacted_thinking" && block.Member("data").Text() is { } hidden ? ThoughtSignature.Hidden(hidden)
            : null;
    }
}
