using System.Globalization;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Features.Flows.Proxy;

/// <summary>Goes straight to the ready endpoints of a flow's Service, each call beginning with the next one.</summary>
internal sealed class EndpointTargets(InformerFactory informers, HttpMessageInvoker client) : IFlowTargets
{
    private readonly Informer<KubeObject> _slices = informers.Get(BuiltIn.EndpointSlice);
    private int _next;

    public ValueTask<IReadOnlyList<FlowTarget>> FindAsync(string @namespace, string flow, CancellationToken cancellationToken)
    {
        var addresses = _slices.Store.List(@namespace)
            .Where(slice => slice.Labels.GetValueOrDefault(LocalNode.ServiceNameLabel) == flow)
            .SelectMany(ReadyAddresses)
            .ToList();
        if (addresses.Count == 0)
        {
            return ValueTask.FromResult<IReadOnlyList<FlowTarget>>([]);
        }

        var first = (int)((uint)Interlocked.Increment(ref _next) % (uint)addresses.Count);
        return ValueTask.FromResult<IReadOnlyList<FlowTarget>>(
            [.. addresses.Skip(first).Concat(addresses.Take(first)).Select(address => new FlowTarget(address, client))]);
    }

    private static IEnumerable<Uri> ReadyAddresses(KubeObject slice)
    {
        var ports = (slice.Json["ports"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var port = ports.Find(port => port["name"]?.ToString() == "http") ?? ports.FirstOrDefault();
        if (!int.TryParse(port?["port"]?.ToString(), CultureInfo.InvariantCulture, out var number))
        {
            yield break;
        }

        foreach (var endpoint in (slice.Json["endpoints"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var address = endpoint["addresses"]?[0]?.ToString();

            // An absent condition means ready (discovery.k8s.io/v1).
            var ready = endpoint["conditions"]?["ready"] is not JsonValue value || !value.TryGetValue(out bool isReady) || isReady;
            if (ready && address is not null)
            {
                yield return new UriBuilder(Uri.UriSchemeHttp, address, number).Uri;
            }
        }
    }
}
