using System.Net;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>NetworkPolicies: peers are pods or addresses, ports are ports. Nothing enforces them.</summary>
internal sealed class NetworkPolicyRules : ResourceRules
{
    private static readonly string[] s_protocols = ["SCTP", "TCP", "UDP"];

    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (target["spec"] is JsonObject spec && spec["policyTypes"] is not JsonArray { Count: > 0 })
        {
            spec["policyTypes"] = spec["egress"] is JsonArray { Count: > 0 } ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        foreach (var type in spec["policyTypes"] as JsonArray ?? [])
        {
            if (type?.ToString() is not ("Ingress" or "Egress"))
            {
                yield return FieldError.NotSupported("spec.policyTypes", type, ["\"Egress\"", "\"Ingress\""]);
            }
        }

        foreach (var (direction, peers) in ((string, string)[])[("ingress", "from"), ("egress", "to")])
        {
            var rules = (spec[direction] as JsonArray ?? []).OfType<JsonObject>();
            foreach (var problem in rules.SelectMany((rule, index) => Rule(rule, peers, $"spec.{direction}[{index}]")))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<FieldError> Rule(JsonObject rule, string peers, string path) =>
        (rule["ports"] as JsonArray ?? []).OfType<JsonObject>().SelectMany((port, index) => Port(port, $"{path}.ports[{index}]"))
            .Concat((rule[peers] as JsonArray ?? []).OfType<JsonObject>().SelectMany((peer, index) => Peer(peer, $"{path}.{peers}[{index}]")));

    private static IEnumerable<FieldError> Port(JsonObject port, string path)
    {
        if (port["protocol"] is { } protocol && !s_protocols.Contains(protocol.ToString()))
        {
            yield return FieldError.NotSupported($"{path}.protocol", protocol, s_protocols.Select(known => $"\"{known}\""));
        }

        var numbered = JsonNumbers.TryInteger(port["port"], out var first);
        if (numbered && first is < 1 or > 65535)
        {
            yield return FieldError.Invalid($"{path}.port", port["port"], "must be between 1 and 65535, inclusive");
        }

        if (port["endPort"] is { } end)
        {
            if (!numbered)
            {
                yield return FieldError.Required($"{path}.port", "must be specified as a number when `endPort` is");
            }
            else if (!JsonNumbers.TryInteger(end, out var last) || last < first || last > 65535)
            {
                yield return FieldError.Invalid($"{path}.endPort", end, "must be greater than or equal to `port`");
            }
        }
    }

    private static IEnumerable<FieldError> Peer(JsonObject peer, string path)
    {
        if (peer["ipBlock"] is not JsonObject block)
        {
            if (peer["podSelector"] is null && peer["namespaceSelector"] is null)
            {
                yield return FieldError.Required(path, "must specify a peer");
            }

            yield break;
        }

        if (peer["podSelector"] is not null || peer["namespaceSelector"] is not null)
        {
            yield return FieldError.Forbidden(path, "may not specify both ipBlock and another peer");
        }

        if (!IPNetwork.TryParse(block["cidr"]?.ToString() ?? "", out var range))
        {
            yield return FieldError.Invalid($"{path}.ipBlock.cidr", block["cidr"], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            yield break;
        }

        var index = 0;
        foreach (var except in block["except"] as JsonArray ?? [])
        {
            if (!IPNetwork.TryParse(except?.ToString() ?? "", out var part) || !range.Contains(part.BaseAddress) || part.PrefixLength <= range.PrefixLength)
            {
                yield return FieldError.Invalid($"{path}.ipBlock.except[{index}]", except, "must be a strict subset of `cidr`");
            }

            index++;
        }
    }
}
