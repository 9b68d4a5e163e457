namespace Portal.ApiServer.Selectors;

/// <summary>Which fields besides name and namespace each built-in resource can be selected by.</summary>
internal static class SelectableFields
{
    /// <summary>Fields of a built-in resource.</summary>
    public static IReadOnlyCollection<string> For(string group, string plural) => (group, plural) switch
    {
        ("events.k8s.io", "events") =>
        [
            "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion",
            "regarding.fieldPath", "reason", "reportingController", "type",
        ],
        ("", "events") =>
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
        ("", "pods") =>
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
            "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ],
        ("", "secrets") => ["type"],
        ("", "services") => ["spec.clusterIP", "spec.type"],
        ("", "namespaces") => ["status.phase"],
        ("", "nodes") => ["spec.unschedulable"],
        ("apps", "replicasets") => ["status.replicas"],
        ("batch", "jobs") => ["status.successful"],
        _ => [],
    };

    /// <summary>Fields of one CRD version, from its <c>selectableFields</c> (<c>[{jsonPath: .spec.mode}]</c>).</summary>
    public static IReadOnlyCollection<string> ForCustomResource(JsonArray? selectableFields) =>
        selectableFields is null
            ? []
            : [.. selectableFields.Select(field => field?["jsonPath"]?.ToString().TrimStart('.') ?? "").Where(path => path.Length > 0)];
}
