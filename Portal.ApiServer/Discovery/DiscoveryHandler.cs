using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Discovery;

/// <summary>Answers every path that is not about objects: groups, versions, OpenAPI, health, version.</summary>
internal sealed class DiscoveryHandler(ServerContext server, ServiceAccountTokens tokens)
{
    private readonly OpenApiCatalog _openApi = new(server.Registry);

    /// <summary>Answers <paramref name="path"/> (its segments); false when it is not one of these.</summary>
    public Task<bool> TryHandleAsync(HttpContext http, string[] path) => path switch
    {
        ["version"] => Done(Answer.JsonAsync(http, 200, ServerVersion.ToJson())),
        ["healthz" or "livez" or "readyz", ..] => Done(Answer.TextAsync(http, 200, "ok")),
        ["api"] => Done(ApiAsync(http)),
        ["apis"] => Done(ApisAsync(http)),
        ["api", var version] => Done(ResourcesAsync(http, "", version)),
        ["apis", var group] => Done(GroupAsync(http, group)),
        ["apis", var group, var version] => Done(ResourcesAsync(http, group, version)),
        ["openapi", "v3"] => Done(Answer.JsonAsync(http, 200, _openApi.Index(), "text/plain; charset=utf-8")),
        ["openapi", "v3", .. var key] => Done(OpenApiAsync(http, string.Join('/', key))),
        ["openapi", "v2"] => Done(OpenApiV2Async(http)),
        [".well-known", "openid-configuration"] => Done(Answer.JsonAsync(http, 200, ServiceAccountTokens.Configuration(http.Request.Host.Value ?? ""))),
        ["openid", "v1", "jwks"] => Done(Answer.JsonAsync(http, 200, tokens.KeySet(), "application/jwk-set+json")),
        [] => Done(RootAsync(http)),
        _ => Task.FromResult(false),
    };

    private static async Task<bool> Done(Task answer)
    {
        await answer;
        return true;
    }

    private Task RootAsync(HttpContext http)
    {
        var groups = server.Registry.Table.Groups.Where(group => group.Name.Length > 0)
            .SelectMany(group => group.Versions.Select(version => $"/apis/{group.Name}/{version}").Prepend($"/apis/{group.Name}"));
        string[] paths = ["/.well-known/openid-configuration", "/api", "/api/v1", "/apis", .. groups, "/healthz", "/livez", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"];
        return Answer.JsonAsync(http, 200, new JsonObject { ["paths"] = new JsonArray([.. paths.Select(path => (JsonNode)path)]) });
    }

    private Task ApiAsync(HttpContext http) => WantsAggregated(http)
        ? Answer.JsonAsync(http, 200, DiscoveryDocuments.Aggregated(server.Registry.Table, core: true), DiscoveryDocuments.AggregatedType)
        : Answer.JsonAsync(http, 200, DiscoveryDocuments.ApiVersions(http.Request.Host.Value ?? ""));

    private Task ApisAsync(HttpContext http) => WantsAggregated(http)
        ? Answer.JsonAsync(http, 200, DiscoveryDocuments.Aggregated(server.Registry.Table, core: false), DiscoveryDocuments.AggregatedType)
        : Answer.JsonAsync(http, 200, DiscoveryDocuments.GroupList(server.Registry.Table));

    private Task GroupAsync(HttpContext http, string name) => server.Registry.Table.FindGroup(name) is { Name.Length: > 0 } group
        ? Answer.JsonAsync(http, 200, DiscoveryDocuments.Group(group))
        : Answer.NotFoundPageAsync(http);

    private Task ResourcesAsync(HttpContext http, string group, string version) =>
        server.Registry.Table.FindGroup(group)?.Versions.Contains(version) == true
            ? Answer.JsonAsync(http, 200, DiscoveryDocuments.Resources(server.Registry.Table, group, version))
            : Answer.NotFoundPageAsync(http);

    private Task OpenApiAsync(HttpContext http, string key)
    {
        if (_openApi.Document(key) is not { } document)
        {
            return Answer.NotFoundPageAsync(http);
        }

        if (http.Request.Query.ContainsKey("hash"))
        {
            http.Response.Headers[HeaderNames.CacheControl] = "public, immutable";
            http.Response.Headers[HeaderNames.Expires] = server.TimeProvider.GetUtcNow().AddYears(1).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        }

        return Answer.BytesAsync(http, 200, document);
    }

    /// <summary>
    /// An OpenAPI v2 document that describes nothing: kubectl asks for it where v3 has no answer (a file of kind List, a kind that does not exist) and
    /// must get a document to go on; everything else is in v3.
    /// </summary>
    private static Task OpenApiV2Async(HttpContext http) => http.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal)
        ? Answer.BytesAsync(http, 200, s_emptyV2, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf", newline: false)
        : Answer.JsonAsync(http, 200, new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1" },
            ["paths"] = new JsonObject(),
        });

    // Document { swagger = 1: "2.0", info = 2: Info { title = 1: "Kubernetes", version = 2: "v1" } }
    private static readonly byte[] s_emptyV2 = [0x0A, 3, .. "2.0"u8, 0x12, 16, 0x0A, 10, .. "Kubernetes"u8, 0x12, 2, .. "v1"u8];

    private static bool WantsAggregated(HttpContext http)
    {
        foreach (var candidate in http.Request.Headers.Accept.ToString().Split(','))
        {
            var parts = candidate.Split(';').Select(part => part.Trim()).ToHashSet(StringComparer.Ordinal);
            if (parts.Contains("application/json") && parts.Contains("g=apidiscovery.k8s.io") && parts.Contains("v=v2") && parts.Contains("as=APIGroupDiscoveryList"))
            {
                return true;
            }
        }

        return false;
    }
}
