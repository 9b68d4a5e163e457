using System.Collections.Concurrent;
using Portal.Runner.Tools;

namespace Portal.Tests.Runner.Engine;

/// <summary>A kind of tool whose answers a test says; remembers what it was asked.</summary>
internal sealed class FakeTool(Func<ToolCall, CancellationToken, Task<JsonNode?>> answer) : IToolKind
{
    public string Name => "fake";

    public ConcurrentQueue<ToolCall> Calls { get; } = new();

    public Func<ToolDescriptor, IReadOnlyList<ToolDescriptor>>? Expand { get; init; }

    public ToolCatalog Catalog => new([this]);

    public static ToolDescriptor Tool(string name) => new() { Name = name, Description = $"does {name}", Kind = "fake" };

    public ValueTask<IReadOnlyList<ToolDescriptor>> ExpandAsync(ToolDescriptor tool, CancellationToken cancellationToken) => new(Expand?.Invoke(tool) ?? [tool]);

    public Task<JsonNode?> CallAsync(ToolCall call, CancellationToken cancellationToken)
    {
        Calls.Enqueue(call);
        return answer(call, cancellationToken);
    }
}
