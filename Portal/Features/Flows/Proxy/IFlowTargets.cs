namespace Portal.Features.Flows.Proxy;

/// <summary>One place a flow answers at.</summary>
/// <param name="Root">Address below which the runner's paths lie; ends with a slash.</param>
/// <param name="Client">Sends requests there.</param>
internal sealed record FlowTarget(Uri Root, HttpMessageInvoker Client);

/// <summary>Finds where a flow answers.</summary>
internal interface IFlowTargets
{
    /// <summary>Places to try in order; empty when none is ready.</summary>
    ValueTask<IReadOnlyList<FlowTarget>> FindAsync(string @namespace, string flow, CancellationToken cancellationToken);
}
