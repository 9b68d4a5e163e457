using System.Net;
using System.Net.Sockets;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Operator.Reconciliation;

/// <summary>What the operator keeps of an EndpointSlice: the Service it belongs to, and where the pods that are ready listen.</summary>
internal sealed class ServiceEndpoints : KubeObject, IKubeKind<ServiceEndpoints>
{
    private const string ServiceLabel = "kubernetes.io/service-name";
    private static readonly string[] s_kept = ["name", "namespace", "uid", "resourceVersion"];

    private ServiceEndpoints(JsonObject json, string? service, IReadOnlyList<Uri> addresses) : base(json) => (Service, Addresses) = (service, addresses);

    public static ResourceDefinition Definition => BuiltIn.EndpointSlice;

    /// <summary>Null for a slice that no Service controls.</summary>
    public string? Service { get; }

    public IReadOnlyList<Uri> Addresses { get; }

    public static ServiceEndpoints FromJson(JsonObject json)
    {
        var slice = new KubeObject(json);
        var service = slice.Labels.GetValueOrDefault(ServiceLabel) is { } name && slice.ControllerOwner is { Kind: "Service" } owner && owner.Name == name ? name : null;
        var metadata = new JsonObject(slice.Metadata.Where(item => s_kept.Contains(item.Key)).Select(item => KeyValuePair.Create(item.Key, item.Value?.DeepClone())));
        return new ServiceEndpoints(
            new JsonObject { ["apiVersion"] = slice.ApiVersion, ["kind"] = slice.Kind, ["metadata"] = metadata }, service, service is null ? [] : [.. AddressesOf(json)]);
    }

    private static IEnumerable<Uri> AddressesOf(JsonObject slice)
    {
        var port = (slice["ports"] as JsonArray)?.FirstOrDefault(item => item?["name"]?.ToString() is FlowDeployment.PortName or "" or null)?["port"] as JsonValue;
        if (port is null || !port.TryGetValue(out int number))
        {
            yield break;
        }

        foreach (var endpoint in (slice["endpoints"] as JsonArray ?? []).OfType<JsonObject>().Where(endpoint => endpoint["conditions"]?["ready"]?.GetValueKind() == JsonValueKind.True))
        {
            if (IPAddress.TryParse((endpoint["addresses"] as JsonArray)?.FirstOrDefault()?.ToString(), out var address) && !IsLinkLocal(address))
            {
                yield return new UriBuilder(Uri.UriSchemeHttp, address.ToString(), number, "/").Uri;
            }
        }
    }

    /// <summary>No pod has such an address, and metadata services do.</summary>
    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);
}
