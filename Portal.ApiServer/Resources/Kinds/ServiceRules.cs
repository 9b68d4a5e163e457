using System.Security.Cryptography;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Services: a cluster IP from 10.96.0.0/16 and node ports are given out and kept; ports are checked. Nothing routes these addresses.</summary>
internal sealed class ServiceRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool DeleteReturnsObject => true;

    public override void PrepareUpdate(JsonObject target, JsonObject old)
    {
        if (target["spec"] is not JsonObject spec || old["spec"] is not JsonObject before)
        {
            return;
        }

        foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (!spec.ContainsKey(field) && before.ContainsKey(field))
            {
                spec[field] = before[field]?.DeepClone();
            }
        }
    }

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (target["spec"] is not JsonObject spec)
        {
            return;
        }

        foreach (var port in (spec["ports"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (port["targetPort"] is null || (port["targetPort"]!.GetValueKind() == JsonValueKind.Number && port["targetPort"]!.ToString() == "0"))
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }

        if (spec["type"]?.ToString() == "ExternalName")
        {
            return;
        }

        if (string.IsNullOrEmpty(spec["clusterIP"]?.ToString()))
        {
            spec["clusterIP"] = $"10.96.{RandomNumberGenerator.GetInt32(256)}.{RandomNumberGenerator.GetInt32(1, 255)}";
        }

        if (spec["clusterIPs"] is not JsonArray { Count: > 0 })
        {
            spec["clusterIPs"] = new JsonArray(spec["clusterIP"]!.DeepClone());
        }

        if (spec["type"]?.ToString() is "NodePort" or "LoadBalancer")
        {
            GiveNodePorts(spec, old?["spec"]);
        }

        spec["ipFamilies"] ??= new JsonArray("IPv4");
        spec["ipFamilyPolicy"] ??= "SingleStack";
        spec["internalTrafficPolicy"] ??= "Cluster";
    }

    private static void GiveNodePorts(JsonObject spec, JsonNode? before)
    {
        static IEnumerable<JsonObject> Ports(JsonNode? spec) => (spec?["ports"] as JsonArray ?? []).OfType<JsonObject>();

        foreach (var port in Ports(spec).Where(port => port["nodePort"] is null))
        {
            var kept = Ports(before).FirstOrDefault(known =>
                known["port"]?.ToString() == port["port"]?.ToString() && known["protocol"]?.ToString() == port["protocol"]?.ToString());
            port["nodePort"] = kept?["nodePort"]?.DeepClone() ?? RandomNumberGenerator.GetInt32(30000, 32768);
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        var ports = (spec["ports"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (ports.Count == 0 && spec["type"]?.ToString() != "ExternalName" && spec["clusterIP"]?.ToString() != "None")
        {
            yield return FieldError.Required("spec.ports");
        }

        for (var index = 0; index < ports.Count; index++)
        {
            foreach (var error in Port(ports[index], $"spec.ports[{index}]", named: ports.Count > 1))
            {
                yield return error;
            }
        }

        var names = ports.Select(port => port["name"]?.ToString() ?? "").Where(name => name.Length > 0).ToList();
        for (var index = 0; index < ports.Count; index++)
        {
            var name = ports[index]["name"]?.ToString() ?? "";
            if (name.Length > 0 && names.IndexOf(name) != names.LastIndexOf(name) && ports.FindIndex(port => port["name"]?.ToString() == name) < index)
            {
                yield return FieldError.Duplicate($"spec.ports[{index}].name", name);
            }
        }

        if (old?["spec"]?["clusterIP"] is { } before && spec["type"]?.ToString() != "ExternalName" && spec["clusterIP"]?.ToString() != before.ToString() && before.ToString().Length > 0)
        {
            yield return FieldError.Invalid("spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set");
        }
    }

    private static IEnumerable<FieldError> Port(JsonObject port, string path, bool named)
    {
        const string Range = "must be between 1 and 65535, inclusive";
        if (named && string.IsNullOrEmpty(port["name"]?.ToString()))
        {
            yield return FieldError.Required($"{path}.name");
        }

        if (!InRange(port["port"]))
        {
            yield return FieldError.Invalid($"{path}.port", port["port"], Range);
        }

        if (port["targetPort"]?.GetValueKind() == JsonValueKind.Number && !InRange(port["targetPort"]))
        {
            yield return FieldError.Invalid($"{path}.targetPort", port["targetPort"], Range);
        }
    }

    private static bool InRange(JsonNode? port) => long.TryParse(port?.ToString(), out var number) && number is >= 1 and <= 65535;
}
