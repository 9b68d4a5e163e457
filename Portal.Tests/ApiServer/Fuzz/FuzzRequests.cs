using System.Text;

namespace Portal.Tests.ApiServer.Fuzz;

/// <summary>Makes requests to the API server that are a little, or altogether, wrong. The same seed makes the same requests.</summary>
internal sealed class FuzzRequests(Random random)
{
    private static readonly string[] s_methods = ["GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "FROB"];

    private static readonly string[] s_collections =
    [
        "/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/secrets", "/api/v1/namespaces/default/services", "/api/v1/namespaces",
        "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/events", "/apis/events.k8s.io/v1/namespaces/default/events",
        "/api/v1/namespaces/default/serviceaccounts", "/apis/apps/v1/namespaces/default/deployments", "/apis/apps/v1/namespaces/default/replicasets",
        "/apis/batch/v1/namespaces/default/jobs", "/apis/batch/v1/namespaces/default/cronjobs", "/apis/coordination.k8s.io/v1/namespaces/default/leases",
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
        "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        "/apis/test.example.org/v1/namespaces/default/things", "/apis/test.example.org/v1/namespaces/default/things", "/apis/test.example.org/v1/things",
        "/api/v1/configmaps", "/api/v1/watch/namespaces/default/configmaps", "/apis/nosuch.example.org/v1/things", "/api/v2/pods", "/openapi/v3",
        "/openapi/v3/api/v1", "/api", "/apis", "/apis/apps", "/version", "/healthz", "/readyz/nosuch", "/", "",
    ];

    private static readonly string[] s_names =
    [
        "a", "b", "c", "d", "e", "things.test.example.org", "..", ".", "%2e%2e", "%00", "a%2Fb", "%ff%fe", "%E2%80%AE", "UPPER", "-", "a b", "a%20b", "*", "'", "%",
        "%zz", new string('x', 300), "default", "kube-system", "%C3%A9",
    ];

    private static readonly string[] s_subresources = ["status", "scale", "finalize", "log", "token", "exec", "nosuch", "status/status", "..", "proxy"];

    private static readonly (string Name, string[] Values)[] s_queries =
    [
        ("watch", ["true", "false", "1", "maybe"]), ("timeoutSeconds", ["1", "x", "99999999999999999999"]),
        ("resourceVersion", ["0", "1", "5", "999999999999", "abc", "-1", "1e3"]), ("resourceVersionMatch", ["Exact", "NotOlderThan", "Odd"]),
        ("limit", ["1", "0", "-5", "x", "2"]), ("continue", ["x", "e30", "eyJydiI6MSwic3RhcnQiOiJhIn0", "%00"]),
        ("labelSelector", ["a=b", "a in (b,c)", "!a", "a notin (", "a=b,,", "((((", "a==b==c", "x>1"]), ("fieldSelector", ["metadata.name=a", "spec.x=1", "=", "a\\", "type!=Normal"]),
        ("sendInitialEvents", ["true", "false"]), ("allowWatchBookmarks", ["true", "x"]), ("dryRun", ["All", "Some", ""]), ("fieldManager", ["m", "", "\u0007", new string('m', 200)]),
        ("fieldValidation", ["Strict", "Warn", "Ignore", "Odd"]), ("force", ["true", "false", "x"]), ("propagationPolicy", ["Foreground", "Background", "Orphan", "Odd"]),
        ("gracePeriodSeconds", ["0", "x"]), ("includeObject", ["None", "Object", "Odd"]), ("container", ["c"]), ("tailLines", ["-1", "x"]), ("pretty", ["true"]),
    ];

    private static readonly string[] s_types =
    [
        "application/json", "application/json", "application/merge-patch+json", "application/json-patch+json", "application/strategic-merge-patch+json",
        "application/apply-patch+yaml", "application/yaml", "application/vnd.kubernetes.protobuf", "text/plain", "", "a/b;c=", "application/json; charset=utf-16", "/",
    ];

    private static readonly string[] s_accepts =
    [
        "application/json", "*/*", "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", "application/vnd.kubernetes.protobuf", "text/html", "application/json;as=Odd", ";;;", "",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    ];

    private readonly FuzzBodies _bodies = new(random);

    /// <summary>The next request, and a line that tells it.</summary>
    public (HttpRequestMessage Request, string Told) Next()
    {
        var path = Path();
        path += Query(path.Contains("/watch/", StringComparison.Ordinal));
        var method = Pick(s_methods);
        var uri = new Uri("http://embedded.invalid" + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(method), uri);
        request.Headers.TryAddWithoutValidation("Accept", Pick(s_accepts));
        request.Headers.TryAddWithoutValidation("User-Agent", random.Next(5) == 0 ? new string('u', 300) : "fuzz/1");
        if (random.Next(50) == 0)
        {
            request.Headers.TryAddWithoutValidation("Impersonate-User", Uri.EscapeDataString(Pick(s_names)));
        }

        var told = $"{method} {path}";
        if (method is "POST" or "PUT" or "PATCH" || random.Next(10) == 0)
        {
            var type = method == "PATCH" && random.Next(8) > 0 ? s_types[2 + random.Next(4)] : Pick(s_types);
            var body = _bodies.Next(type, path);
            request.Content = new ByteArrayContent(body);
            if (type.Length > 0)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }

            told += $" {type} {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 2_000)))}";
        }

        return (request, told);
    }

    private string Path()
    {
        var path = Pick(s_collections);
        if (random.Next(3) > 0)
        {
            path += "/" + (random.Next(4) > 0 ? s_names[random.Next(6)] : Pick(s_names));
            path += random.Next(4) == 0 ? "/" + Pick(s_subresources) : "";
        }

        return random.Next(40) == 0 ? path.Replace("default", Pick(s_names), StringComparison.Ordinal) : path;
    }

    private string Query(bool isWatch)
    {
        var query = new StringBuilder();
        for (var count = random.Next(4) == 0 ? 3 : random.Next(2); count > 0; count--)
        {
            var (name, values) = Pick(s_queries);
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(Pick(values)));
        }

        // A watch must end, and an apply needs a manager to get anywhere.
        var text = query.ToString();
        isWatch |= text.Contains("watch=", StringComparison.Ordinal);
        text += isWatch && !text.Contains("timeoutSeconds=", StringComparison.Ordinal) ? (text.Length == 0 ? "?" : "&") + "timeoutSeconds=1" : "";
        return random.Next(2) == 0 && !text.Contains("fieldManager", StringComparison.Ordinal) ? text + (text.Length == 0 ? "?" : "&") + "fieldManager=f" : text;
    }

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];
}
