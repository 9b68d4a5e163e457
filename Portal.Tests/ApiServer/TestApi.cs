using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;

namespace Portal.Tests.ApiServer;

/// <summary>A server in memory and the plainest client for it: status codes and JSON, nothing in between.</summary>
public sealed class TestApi : IAsyncDisposable
{
    public const string Things = "/apis/test.example.org/v1/namespaces/default/things";
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private static readonly System.Text.Json.JsonDocumentOptions s_deep = new() { MaxDepth = 256 };

    private TestApi(KubeApiServer server)
    {
        Server = server;
        Http = new HttpClient(server.Connection.Handler, disposeHandler: false) { BaseAddress = server.Connection.Server };
    }

    public KubeApiServer Server { get; }

    public HttpClient Http { get; }

    public static async Task<TestApi> StartAsync(
        ApiServerOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggers = null) =>
        new(await KubeApiServer.StartAsync(
            options ?? new ApiServerOptions(), timeProvider ?? TimeProvider.System, loggers ?? NullLoggerFactory.Instance, CancellationToken.None));

    /// <summary>A server that serves the kind Thing: spec.size 1..10 default 3, spec.tags a set, status and scale subresources.</summary>
    public static async Task<TestApi> StartWithThingsAsync()
    {
        var api = await StartAsync();
        await api.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ThingDefinition(), HttpStatusCode.Created);
        return api;
    }

    public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(string method, string path, JsonNode? body = null, string contentType = "application/json") =>
        await SendTextAsync(method, path, body?.ToJsonString(), contentType);

    public async Task<JsonObject> SendAsync(string method, string path, JsonNode? body, HttpStatusCode expected, string contentType = "application/json")
    {
        var (status, answer) = await SendAsync(method, path, body, contentType);
        Assert.True(status == expected, $"{method} {path}: expected {expected}, got {status}: {answer}");
        return answer;
    }

    public Task<JsonObject> GetAsync(string path) => SendAsync("GET", path, null, HttpStatusCode.OK);

    public Task<JsonObject> MergeAsync(string path, JsonNode patch, HttpStatusCode expected = HttpStatusCode.OK) =>
        SendAsync("PATCH", path, patch, expected, "application/merge-patch+json");

    public Task<JsonObject> ApplyAsync(string path, JsonNode applied, string manager, HttpStatusCode expected = HttpStatusCode.OK, bool force = false) =>
        SendAsync("PATCH", $"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", applied, expected, "application/apply-patch+yaml");

    public async Task<(HttpStatusCode Status, JsonObject Body)> SendTextAsync(string method, string path, string? body, string contentType)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        request.Headers.UserAgent.ParseAdd("test/1");
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text, documentOptions: s_deep)!.AsObject() : new JsonObject { ["text"] = text });
    }

    /// <summary>Opens a watch; the response headers have arrived when this returns.</summary>
    public async Task<WatchReader> WatchAsync(string path)
    {
        var response = await Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new WatchReader(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    public static JsonObject ConfigMap(string name, string value = "v") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { ["k"] = value },
    };

    public static JsonObject Thing(string name, JsonObject? spec = null) => new()
    {
        ["apiVersion"] = "test.example.org/v1",
        ["kind"] = "Thing",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = spec ?? [],
    };

    public static JsonObject ThingDefinition() => JsonNode.Parse("""
        {
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things.test.example.org"},
          "spec": {
            "group": "test.example.org", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things", "shortNames": ["th"]},
            "versions": [{
              "name": "v1", "served": true, "storage": true, "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}},
              "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": {"type": "object", "properties": {
                  "size": {"type": "integer", "minimum": 1, "maximum": 10, "default": 3, "description": "How big."},
                  "text": {"type": "string"},
                  "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}}},
                "status": {"type": "object", "properties": {"phase": {"type": "string"}, "size": {"type": "integer"}}}}}}
            }]
          }
        }
        """)!.AsObject();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Reads a watch line by line.</summary>
    public sealed class WatchReader(HttpResponseMessage response, StreamReader reader) : IDisposable
    {
        private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

        /// <summary>The next event, or null at the end of the stream.</summary>
        public async Task<JsonObject?> NextAsync()
        {
            var line = await reader.ReadLineAsync().WaitAsync(s_patience);
            return line is null ? null : JsonNode.Parse(line)!.AsObject();
        }

        /// <summary>Type and name of the next event.</summary>
        public async Task<string> NextTextAsync()
        {
            var next = await NextAsync();
            return next is null ? "end" : $"{next["type"]} {next["object"]!["metadata"]!["name"]}";
        }

        public void Dispose()
        {
            reader.Dispose();
            response.Dispose();
        }
    }
}
