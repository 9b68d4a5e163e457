using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.Schemas;

/// <summary>
/// Defaults of pods and their controllers that depend on other fields, which a schema cannot say. Run after <see cref="SchemaDefaulter"/>; running it again changes nothing.
/// </summary>
internal static class BuiltInDefaults
{
    public static void Apply(JsonObject target, ResourceDefinition definition)
    {
        switch (definition.Kind)
        {
            case "Pod" when target["spec"] is JsonObject spec:
                PodSpec(spec);
                break;
            case "Deployment" when target["spec"] is JsonObject spec:
                Strategy(spec);
                Template(spec);
                break;
            case "ReplicaSet" or "Job" when target["spec"] is JsonObject spec:
                Template(spec);
                break;
            case "CronJob" when target["spec"] is JsonObject cron && cron["jobTemplate"] is JsonObject job && job["spec"] is JsonObject spec:
                Template(spec);
                break;
        }
    }

    private static void Strategy(JsonObject spec)
    {
        if (spec["strategy"] is not JsonObject strategy || Text(strategy["type"]) != "RollingUpdate")
        {
            return;
        }

        var rolling = strategy["rollingUpdate"] as JsonObject ?? [];
        strategy["rollingUpdate"] ??= rolling;
        rolling["maxUnavailable"] ??= "25%";
        rolling["maxSurge"] ??= "25%";
    }

    private static void Template(JsonObject spec)
    {
        if (spec["template"] is JsonObject template && template["spec"] is JsonObject pod)
        {
            PodSpec(pod);
        }
    }

    private static void PodSpec(JsonObject spec)
    {
        // The older name of the account is kept in step for old readers.
        if (Text(spec["serviceAccountName"]) is { Length: > 0 } account)
        {
            spec["serviceAccount"] = account;
        }

        foreach (var container in Objects(spec["containers"]).Concat(Objects(spec["initContainers"])))
        {
            container["imagePullPolicy"] ??= IsLatest(Text(container["image"])) ? "Always" : "IfNotPresent";
        }

        foreach (var volume in Objects(spec["volumes"]))
        {
            // A volume without a source is an empty directory.
            if (volume.Count == 1)
            {
                volume["emptyDir"] = new JsonObject();
            }
        }
    }

    private static bool IsLatest(string? image)
    {
        if (image is null || image.Contains('@', StringComparison.Ordinal))
        {
            return false;
        }

        var colon = image.LastIndexOf(':');
        return colon <= image.LastIndexOf('/') || image.AsSpan(colon + 1).SequenceEqual("latest");
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
