namespace Portal.Runner.Tools;

/// <summary>Calls the tools of one kind of implementation.</summary>
public interface IToolKind
{
    /// <summary>The key of <c>implementation</c> it serves: <c>http</c>.</summary>
    string Name { get; }

    /// <summary>The tools a descriptor stands for: itself, or what a server lists.</summary>
    /// <exception cref="ToolException">The list cannot be had.</exception>
    ValueTask<IReadOnlyList<ToolDescriptor>> ExpandAsync(ToolDescriptor tool, CancellationToken cancellationToken) => new([tool]);

    /// <summary>Calls the tool once. Input is checked already; the answer is checked by the caller.</summary>
    /// <exception cref="ToolException">The tool failed; the model is told.</exception>
    Task<JsonNode?> CallAsync(ToolCall call, CancellationToken cancellationToken);
}

/// <summary>One request of a model to one tool.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Input">Arguments; they match the tool's schema.</param>
/// <param name="Depth">How many flows called one another to get here; 0 for a call from outside.</param>
public sealed record ToolCall(ToolDescriptor Tool, JsonNode? Input, int Depth)
{
    /// <summary>Sent along as <c>x-request-id</c>; null sends none.</summary>
    public string? RequestId { get; init; }
}

/// <summary>A tool could not do its work. The message goes to the model and holds no secret.</summary>
public sealed class ToolException(string message, Exception? inner = null) : Exception(message, inner);
