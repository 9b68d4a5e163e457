using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Ingresses: hosts, paths and backends that a controller could serve.</summary>
internal sealed class IngressRules : ResourceRules
{
    private static readonly string[] s_pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];

    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        var rules = (spec["rules"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (rules.Count == 0 && spec["defaultBackend"] is null)
        {
            yield return FieldError.Invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
        }

        foreach (var problem in spec["defaultBackend"] is JsonObject backend ? Backend(backend, "spec.defaultBackend") : [])
        {
            yield return problem;
        }

        for (var index = 0; index < rules.Count; index++)
        {
            var host = rules[index]["host"]?.ToString() ?? "";
            if (host.Length > 0 && HostProblem(host) is { } unfit)
            {
                yield return FieldError.Invalid($"spec.rules[{index}].host", host, unfit);
            }

            foreach (var problem in Paths(rules[index]["http"] as JsonObject, $"spec.rules[{index}].http"))
            {
                yield return problem;
            }
        }
    }

    private static string? HostProblem(string host)
    {
        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        return System.Net.IPAddress.TryParse(host, out _) ? "must be a DNS name, not an IP address"
            : Uri.CheckHostName(name) != UriHostNameType.Dns || name.Any(char.IsAsciiLetterUpper) || name.Contains('_', StringComparison.Ordinal)
                ? "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
                : null;
    }

    private static IEnumerable<FieldError> Paths(JsonObject? http, string path)
    {
        if (http is null)
        {
            yield break;
        }

        var routes = (http["paths"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (routes.Count == 0)
        {
            yield return FieldError.Required($"{path}.paths");
        }

        for (var index = 0; index < routes.Count; index++)
        {
            var (route, at) = (routes[index], $"{path}.paths[{index}]");
            var type = route["pathType"]?.ToString();
            if (!s_pathTypes.Contains(type))
            {
                yield return FieldError.NotSupported($"{at}.pathType", type, s_pathTypes.Select(known => $"\"{known}\""));
            }
            else if (type != "ImplementationSpecific" && route["path"]?.ToString() is not ['/', ..])
            {
                yield return FieldError.Invalid($"{at}.path", route["path"], "must be an absolute path");
            }

            foreach (var problem in Backend(route["backend"] as JsonObject ?? [], $"{at}.backend"))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<FieldError> Backend(JsonObject backend, string path)
    {
        if (backend["service"] is not null && backend["resource"] is not null)
        {
            yield return FieldError.Invalid(path, "", "cannot set both resource and service backends");
        }
        else if (backend["service"] is JsonObject service)
        {
            var port = service["port"] as JsonObject ?? [];
            if (string.IsNullOrEmpty(service["name"]?.ToString()))
            {
                yield return FieldError.Required($"{path}.service.name");
            }

            var (named, numbered) = (!string.IsNullOrEmpty(port["name"]?.ToString()), JsonNumbers.TryInteger(port["number"], out var number) && number != 0);
            if (named && numbered)
            {
                yield return FieldError.Invalid(path, "", "cannot set both port name & port number");
            }
            else if (!named && !numbered)
            {
                yield return FieldError.Required(path, "port name or number is required");
            }
            else if (numbered && number is < 1 or > 65535)
            {
                yield return FieldError.Invalid($"{path}.service.port.number", number, "must be between 1 and 65535, inclusive");
            }
        }
        else if (backend["resource"] is null)
        {
            yield return FieldError.Required(path, "resource or service backend is required");
        }
    }
}

/// <summary>IngressClasses: the controller is a path below a domain and stays.</summary>
internal sealed class IngressClassRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var controller = target["spec"]?["controller"]?.ToString() ?? "";
        if (old is not null && controller != (old["spec"]?["controller"]?.ToString() ?? ""))
        {
            yield return FieldError.Invalid("spec.controller", controller, "field is immutable");
        }
        else if (controller.Split('/') is not [{ Length: > 0 }, { Length: > 0 }, ..])
        {
            yield return FieldError.Invalid("spec.controller", controller, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }
}
