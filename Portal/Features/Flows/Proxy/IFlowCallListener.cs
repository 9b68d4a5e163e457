namespace Portal.Features.Flows.Proxy;

/// <summary>A call of a flow that went through the portal.</summary>
/// <param name="Id">The runner's id of the call; null when it gave none.</param>
/// <param name="Route">The prompt that was called, or the flow's name.</param>
/// <param name="Answer">At most <see cref="FlowProxy.LongestKept"/> bytes of it.</param>
public sealed record FlowCall(
    string? Id, string Namespace, string Flow, string Route, string? Caller, string? CallerId, DateTimeOffset StartedAt, TimeSpan Duration, int Status, string? ContentType,
    ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Answer);

/// <summary>Told of calls with what they said, where it wants them.</summary>
public interface IFlowCallListener
{
    /// <summary>Whether calls in a namespace are to be kept; asked before each.</summary>
    ValueTask<bool> WantsAsync(string @namespace);

    /// <summary>Never throws for what it cannot do.</summary>
    Task KeepAsync(FlowCall call);
}
