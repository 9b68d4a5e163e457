using System.Globalization;
using Portal.ApiServer.Resources.Kinds;
using Portal.ApiServer.Schemas;
using static Portal.ApiServer.Tables.TableColumn;

namespace Portal.ApiServer.Tables;

/// <summary>Columns of the built-in kinds, as kubectl's users know them.</summary>
internal static class BuiltInColumns
{
    private const string None = "<none>";

    public static TableColumn[] For(string group, string kind) => (group, kind) switch
    {
        ("", "ConfigMap") => [NameColumn, Of("Data", item => Count(item, "data") + Count(item, "binaryData")), Age],
        ("", "Secret") => [NameColumn, Of("Type", item => Text(item, "type")), Of("Data", item => Count(item, "data")), Age],
        ("", "Namespace") => [NameColumn, Of("Status", item => Text(item, "status", "phase")), Age],
        ("", "ServiceAccount") => [NameColumn, Of("Secrets", item => Count(item, "secrets")), Age],
        ("", "Service") =>
        [
            NameColumn, Of("Type", item => Text(item, "spec", "type")), Of("Cluster-IP", item => OrNone(Text(item, "spec", "clusterIP"))),
            Of("External-IP", ExternalAddress), Of("Port(s)", Ports), Age, Wide("Selector", item => Labels(At(item, "spec", "selector"))),
        ],
        ("", "PersistentVolumeClaim") => TrafficColumns.PersistentVolumeClaim,
        ("", "Event") => Events,
        ("events.k8s.io", "Event") => [.. Events.Select(column => column with { Cell = (item, now) => column.Cell(Stored(item), now) })],
        ("", "Pod") => PodColumns.All,
        ("apps", "Deployment") =>
        [
            NameColumn, Of("Ready", item => $"{Number(item, "status", "readyReplicas")}/{Number(item, "spec", "replicas")}"),
            Of("Up-to-date", item => Number(item, "status", "updatedReplicas")), Of("Available", item => Number(item, "status", "availableReplicas")),
            Age, .. Template(),
        ],
        ("apps", "ReplicaSet") =>
        [
            NameColumn, Of("Desired", item => Number(item, "spec", "replicas")), Of("Current", item => Number(item, "status", "replicas")),
            Of("Ready", item => Number(item, "status", "readyReplicas")), Age, .. Template(),
        ],
        ("coordination.k8s.io", "Lease") => [NameColumn, Of("Holder", item => Text(item, "spec", "holderIdentity")), Age],
        ("discovery.k8s.io", "EndpointSlice") =>
        [
            NameColumn, Of("AddressType", item => Text(item, "addressType")), Of("Ports", item => OrUnset(Each(item, "ports", port => Text(port, "port")))),
            Of("Endpoints", item => OrUnset(Each(item, "endpoints", endpoint => Joined(endpoint["addresses"])))), Age,
        ],
        ("batch", "Job") =>
        [
            NameColumn, Of("Status", JobState), Of("Completions", item => $"{Number(item, "status", "succeeded")}/{OrOne(Text(item, "spec", "completions"))}"),
            new TableColumn("Duration", JobDuration), Age, .. Template(),
        ],
        ("batch", "CronJob") =>
        [
            NameColumn, Of("Schedule", item => Text(item, "spec", "schedule")), Of("Timezone", item => OrNone(Text(item, "spec", "timeZone"))),
            Of("Suspend", item => At(item, "spec", "suspend") is JsonValue value && value.TryGetValue(out bool on) && on ? "True" : "False"),
            Of("Active", item => Count(item["status"], "active")),
            new TableColumn("Last Schedule", (item, now) => At(item, "status", "lastScheduleTime") is { } last ? HumanDuration.Since(last, now) : None), Age,
        ],
        ("rbac.authorization.k8s.io", "Role" or "ClusterRole") or ("apiextensions.k8s.io", "CustomResourceDefinition") =>
            [NameColumn, Of("Created At", item => Text(item, "metadata", "creationTimestamp"))],
        ("rbac.authorization.k8s.io", _) =>
        [
            NameColumn, Of("Role", item => $"{Text(item, "roleRef", "kind")}/{Text(item, "roleRef", "name")}"), Age,
            Wide("Users", item => Subjects(item, "User")), Wide("Groups", item => Subjects(item, "Group")), Wide("ServiceAccounts", item => Subjects(item, "ServiceAccount")),
        ],
        ("networking.k8s.io", "Ingress") => TrafficColumns.Ingress,
        ("networking.k8s.io", "IngressClass") => TrafficColumns.IngressClass,
        ("networking.k8s.io", _) => TrafficColumns.NetworkPolicy,
        ("policy", _) => TrafficColumns.PodDisruptionBudget,
        ("autoscaling", "HorizontalPodAutoscaler") => TrafficColumns.HorizontalPodAutoscaler,
        ("admissionregistration.k8s.io", _) => [NameColumn, Of("Webhooks", item => Count(item, "webhooks")), Age],
        ("autoscaling", "Scale") =>
        [
            NameColumn, Of("Desired", item => Number(item, "spec", "replicas"), "integer"),
            Of("Available", item => Number(item, "status", "replicas"), "integer"), Age,
        ],
        _ => [NameColumn, Age],
    };

    private static TableColumn[] Events { get; } =
    [
        new("Last Seen", (item, now) => HumanDuration.Since(item["series"]?["lastObservedTime"] ?? item["lastTimestamp"] ?? item["eventTime"], now)),
        Of("Type", item => Text(item, "type")),
        Of("Reason", item => Text(item, "reason")),
        Of("Object", item => $"{Text(item, "involvedObject", "kind").ToLowerInvariant()}/{Text(item, "involvedObject", "name")}"),
        Wide("Subobject", item => Text(item, "involvedObject", "fieldPath")),
        Wide("Source", item => Source(item)),
        Of("Message", item => Text(item, "message").Trim()),
        new("First Seen", (item, now) => HumanDuration.Since(item["firstTimestamp"] ?? item["eventTime"], now), Priority: 1),
        new("Count", (item, _) => Math.Max(1, Number(item, "count")), Priority: 1),
        NameColumn with { Priority = 1 },
    ];

    private static JsonObject Stored(JsonObject item)
    {
        var stored = (JsonObject)item.DeepClone();
        EventForm.Form.ToStored(stored);
        return stored;
    }

    internal static TableColumn Of(string name, Func<JsonObject, JsonNode?> cell, string type = "string") => new(name, (item, _) => cell(item), type);

    internal static TableColumn Wide(string name, Func<JsonObject, JsonNode?> cell) => new(name, (item, _) => cell(item), Priority: 1);

    internal static long Number(JsonNode? item, params ReadOnlySpan<string> path) => JsonNumbers.TryInteger(At(item, path), out var number) ? number : 0;

    internal static string OrNone(string text) => text.Length == 0 ? None : text;

    internal static string Each(JsonObject item, string list, Func<JsonObject, string> text) =>
        string.Join(",", ((item[list] as JsonArray)?.OfType<JsonObject>() ?? []).Select(text).Where(part => part.Length > 0));

    private static int Count(JsonNode? item, string field) => (item as JsonObject)?[field] switch
    {
        JsonObject map => map.Count,
        JsonArray list => list.Count,
        _ => 0,
    };

    private static string Subjects(JsonObject item, string kind) =>
        string.Join(", ", ((item["subjects"] as JsonArray)?.OfType<JsonObject>() ?? []).Where(subject => Text(subject, "kind") == kind)
            .Select(subject => kind == "ServiceAccount" ? $"{Text(subject, "namespace")}/{Text(subject, "name")}" : Text(subject, "name")));

    private static string OrUnset(string text) => text.Length == 0 ? "<unset>" : text;

    private static string OrOne(string text) => text.Length == 0 ? "1" : text;

    private static string Joined(JsonNode? list) => string.Join(",", (list as JsonArray)?.Select(item => item?.ToString()) ?? []);

    private static string Labels(JsonNode? labels) =>
        OrNone(string.Join(",", ((labels as JsonObject) ?? []).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}")));

    private static string Source(JsonObject item)
    {
        var component = Text(item, "source", "component");
        var host = Text(item, "source", "host");
        var name = component.Length > 0 ? component : Text(item, "reportingComponent");
        return host.Length == 0 ? name : $"{name}, {host}";
    }

    private static JsonNode? ExternalAddress(JsonObject item) => Text(item, "spec", "type") switch
    {
        "ExternalName" => Text(item, "spec", "externalName"),
        "LoadBalancer" => At(item, "status", "loadBalancer", "ingress") is JsonArray { Count: > 0 } ingress
            ? string.Join(",", ingress.Select(entry => entry?["ip"]?.ToString() ?? entry?["hostname"]?.ToString() ?? ""))
            : "<pending>",
        _ => OrNone(Joined(At(item, "spec", "externalIPs"))),
    };

    private static JsonNode? Ports(JsonObject item) => OrNone(Each((item["spec"] as JsonObject) ?? [], "ports", port =>
    {
        var node = Number(port, "nodePort");
        var middle = node > 0 ? ":" + node.ToString(CultureInfo.InvariantCulture) : "";
        return $"{Text(port, "port")}{middle}/{Text(port, "protocol")}";
    }));

    private static TableColumn[] Template() =>
    [
        Wide("Containers", item => Containers(item, "name")),
        Wide("Images", item => Containers(item, "image")),
        Wide("Selector", item => Labels(At(item, "spec", "selector", "matchLabels"))),
    ];

    private static string Containers(JsonObject item, string field) =>
        At(item, "spec", "template", "spec") is JsonObject pod ? Each(pod, "containers", container => Text(container, field)) : "";

    private static JsonNode? JobState(JsonObject item)
    {
        var conditions = (At(item, "status", "conditions") as JsonArray)?.OfType<JsonObject>()
            .Where(condition => Text(condition, "status") == "True").Select(condition => Text(condition, "type")).ToHashSet() ?? [];
        return conditions.Contains("Complete") ? "Complete"
            : conditions.Contains("Failed") ? "Failed"
            : conditions.Contains("Suspended") ? "Suspended"
            : "Running";
    }

    private static JsonNode? JobDuration(JsonObject item, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(Text(item, "status", "startTime"), CultureInfo.InvariantCulture, out var start))
        {
            return "";
        }

        return HumanDuration.Of(
            (DateTimeOffset.TryParse(Text(item, "status", "completionTime"), CultureInfo.InvariantCulture, out var end) ? end : now) - start);
    }
}
