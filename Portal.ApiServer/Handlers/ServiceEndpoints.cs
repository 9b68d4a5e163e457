using System.Globalization;
using System.Net;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>Where the pods behind a Service are: the ready endpoints of its EndpointSlices.</summary>
internal sealed class ServiceEndpoints(RevisionLog log)
{
    private const string Slices = "discovery.k8s.io/endpointslices";
    private const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>Ready addresses, with the first port of each slice that fits.</summary>
    /// <param name="fits">Chooses among the ports of a slice.</param>
    public List<IPEndPoint> Find(string @namespace, string service, Func<JsonObject, bool> fits) =>
    [
        .. log.Snapshot(Slices, @namespace).Objects
            .Where(slice => slice.Json["metadata"]?["labels"]?[ServiceNameLabel]?.ToString() == service)
            .SelectMany(slice => Ready(slice.Json, fits)),
    ];

    /// <summary>Ready addresses behind a port of a Service, by the port's number or name.</summary>
    /// <returns>Null when there is no such Service or port.</returns>
    public List<IPEndPoint>? FindBehind(string @namespace, string service, string port)
    {
        var stored = log.Find(new ObjectKey("/services", @namespace, service));
        var offered = Objects(stored?.Json["spec"]?["ports"]).FirstOrDefault(item => Text(item, "port") == port || Text(item, "name") == port);
        return offered is null ? null : Find(@namespace, service, item => Text(item, "name") == Text(offered, "name"));
    }

    private static IEnumerable<IPEndPoint> Ready(JsonObject slice, Func<JsonObject, bool> fits)
    {
        if (Objects(slice["ports"]).FirstOrDefault(fits) is not { } port
            || !int.TryParse(Text(port, "port"), CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
        {
            yield break;
        }

        foreach (var endpoint in Objects(slice["endpoints"]))
        {
            var ready = endpoint["conditions"]?["ready"]?.GetValueKind() != JsonValueKind.False;
            if (ready && IPAddress.TryParse((endpoint["addresses"] as JsonArray)?.FirstOrDefault()?.ToString(), out var address))
            {
                yield return new IPEndPoint(address, number);
            }
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static string Text(JsonObject from, string field) => from[field]?.ToString() ?? "";
}
