using static Portal.ApiServer.Tables.TableColumn;

namespace Portal.ApiServer.Tables;

/// <summary>Columns of what surrounds pods: routes, network policies, disruption budgets, autoscalers, claims of storage.</summary>
internal static class TrafficColumns
{
    private const string Unknown = "<unknown>";
    private const int MostHosts = 3;
    private const int MostMetrics = 2;

    public static TableColumn[] Ingress { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Class", item => BuiltInColumns.OrNone(Text(item, "spec", "ingressClassName"))),
        BuiltInColumns.Of("Hosts", Hosts),
        BuiltInColumns.Of("Address", Address),
        BuiltInColumns.Of("Ports", item => At(item, "spec", "tls") is JsonArray { Count: > 0 } ? "80, 443" : "80"),
        Age,
    ];

    public static TableColumn[] IngressClass { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Controller", item => Text(item, "spec", "controller")),
        BuiltInColumns.Of("Parameters", item => At(item, "spec", "parameters") is JsonObject target ? Reference(target) : BuiltInColumns.OrNone("")),
        Age,
    ];

    public static TableColumn[] NetworkPolicy { get; } =
        [NameColumn, BuiltInColumns.Of("Pod-Selector", item => Selector(At(item, "spec", "podSelector"))), Age];

    public static TableColumn[] PodDisruptionBudget { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Min Available", item => OrNot(Text(item, "spec", "minAvailable"))),
        BuiltInColumns.Of("Max Unavailable", item => OrNot(Text(item, "spec", "maxUnavailable"))),
        BuiltInColumns.Of("Allowed Disruptions", item => BuiltInColumns.Number(item, "status", "disruptionsAllowed"), "integer"),
        Age,
    ];

    public static TableColumn[] HorizontalPodAutoscaler { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Reference", item => $"{Text(item, "spec", "scaleTargetRef", "kind")}/{Text(item, "spec", "scaleTargetRef", "name")}"),
        BuiltInColumns.Of("Targets", Metrics),
        BuiltInColumns.Of("MinPods", item => Text(item, "spec", "minReplicas") is { Length: > 0 } least ? least : "<unset>"),
        BuiltInColumns.Of("MaxPods", item => BuiltInColumns.Number(item, "spec", "maxReplicas"), "integer"),
        BuiltInColumns.Of("Replicas", item => BuiltInColumns.Number(item, "status", "currentReplicas"), "integer"),
        Age,
    ];

    public static TableColumn[] PersistentVolumeClaim { get; } =
    [
        NameColumn,
        BuiltInColumns.Of("Status", item => Text(item, "status", "phase")),
        BuiltInColumns.Of("Volume", item => Text(item, "spec", "volumeName")),
        BuiltInColumns.Of("Capacity", item => Text(item, "status", "capacity", "storage")),
        BuiltInColumns.Of("Access Modes", item => string.Join(",", (At(item, "status", "accessModes") as JsonArray ?? []).Select(Short))),
        BuiltInColumns.Of("StorageClass", item => Text(item, "spec", "storageClassName")),
        Age,
    ];

    private static string Short(JsonNode? mode) => mode?.ToString() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other ?? "",
    };

    private static string OrNot(string limit) => limit.Length == 0 ? "N/A" : limit;

    private static string Reference(JsonObject target)
    {
        var (group, kind) = (Text(target, "apiGroup"), Text(target, "kind"));
        return $"{(group.Length == 0 ? kind : $"{kind}.{group}")}/{Text(target, "name")}";
    }

    private static JsonNode? Hosts(JsonObject item)
    {
        var hosts = Objects(At(item, "spec", "rules")).Select(rule => Text(rule, "host")).Where(host => host.Length > 0).ToList();
        return hosts.Count == 0 ? "*" : Shortened(hosts, MostHosts, ",");
    }

    private static JsonNode? Address(JsonObject item) => string.Join(",", Objects(At(item, "status", "loadBalancer", "ingress"))
        .Select(entry => Text(entry, "ip") is { Length: > 0 } ip ? ip : Text(entry, "hostname")).Where(address => address.Length > 0));

    private static string Shortened(List<string> all, int most, string separator) =>
        string.Join(separator, all.Take(most)) + (all.Count > most ? $" + {all.Count - most} more..." : "");

    private static string Selector(JsonNode? selector)
    {
        var labels = (At(selector, "matchLabels") as JsonObject ?? []).OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}");
        var expressions = Objects(At(selector, "matchExpressions")).Select(expression =>
        {
            var values = string.Join(",", (expression["values"] as JsonArray ?? []).Select(value => value?.ToString()));
            return Text(expression, "operator") switch
            {
                "In" => $"{Text(expression, "key")} in ({values})",
                "NotIn" => $"{Text(expression, "key")} notin ({values})",
                "DoesNotExist" => $"!{Text(expression, "key")}",
                _ => Text(expression, "key"),
            };
        });
        return BuiltInColumns.OrNone(string.Join(",", labels.Concat(expressions)));
    }

    private static JsonNode? Metrics(JsonObject item)
    {
        var current = Objects(At(item, "status", "currentMetrics")).ToList();
        var metrics = Objects(At(item, "spec", "metrics")).Select((metric, index) => Metric(metric, current.ElementAtOrDefault(index))).ToList();
        return metrics.Count == 0 ? BuiltInColumns.OrNone("") : Shortened(metrics, MostMetrics, ", ");
    }

    private static string Metric(JsonObject metric, JsonObject? status)
    {
        var type = Text(metric, "type");
        var field = type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];
        var (target, current) = (At(metric, field, "target"), At(status, field, "current"));
        var name = type is "Resource" or "ContainerResource" ? $"{Text(metric, field, "name")}: " : "";
        return name + Text(target, "type") switch
        {
            "Utilization" => $"{Percent(current)}/{Percent(target)}",
            "Value" => $"{OrUnknown(Text(current, "value"))}/{Text(target, "value")}",
            _ => $"{OrUnknown(Text(current, "averageValue"))}/{Text(target, "averageValue")}{(type is "External" or "Object" ? " (avg)" : "")}",
        };
    }

    private static string Percent(JsonNode? value) => Text(value, "averageUtilization") is { Length: > 0 } percent ? percent + "%" : Unknown;

    private static string OrUnknown(string value) => value.Length == 0 ? Unknown : value;

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];
}
