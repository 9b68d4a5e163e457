using System.Net;
using System.Text;
using Portal.Kubernetes.Client;

namespace Portal.Tests.Kubernetes;

/// <summary>A server that keeps whole objects by path, with versions and conditional replace; enough for leases and events.</summary>
internal sealed class FakeObjects : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string What, TaskCompletionSource Source)> _waiters = [];
    private int _version;

    /// <summary>Requests seen, as <c>METHOD path</c>.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Looked at before each request: false breaks the connection.</summary>
    public Func<HttpRequestMessage, bool> Reachable { get; set; } = _ => true;

    public KubeClient Client => new(new KubeConnection(new Uri("https://cluster.test"), this, "default", "fake"));

    public IReadOnlyList<JsonObject> All(string prefix)
    {
        lock (_lock)
        {
            return [.. _objects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (JsonObject)entry.Value.DeepClone())];
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _objects.Clear();
        }
    }

    /// <summary>Completes after the next request whose method and path start like this was answered, or failed.</summary>
    public Task AfterAsync(string what)
    {
        lock (_lock)
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((what, source));
            return source.Task.WaitAsync(Shared.ManualTimeProvider.Patience);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : (JsonObject)JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!;
        lock (_lock)
        {
            var what = $"{request.Method} {request.RequestUri!.AbsolutePath}";
            Requests.Add(what);
            foreach (var waiter in _waiters.Where(waiter => what.StartsWith(waiter.What, StringComparison.Ordinal)).ToList())
            {
                _waiters.Remove(waiter);
                waiter.Source.SetResult();
            }

            return Reachable(request) ? Answer(request.Method, request.RequestUri.AbsolutePath, body) : throw new HttpRequestException("Connection refused");
        }
    }

    private HttpResponseMessage Answer(HttpMethod method, string path, JsonObject? body)
    {
        if (method == HttpMethod.Post)
        {
            path += "/" + body!["metadata"]!["name"];
            return _objects.ContainsKey(path) ? Refuse(HttpStatusCode.Conflict, "AlreadyExists") : Store(path, body);
        }

        if (!_objects.TryGetValue(path, out var current))
        {
            return Refuse(HttpStatusCode.NotFound, "NotFound");
        }

        if (method == HttpMethod.Put)
        {
            return body!["metadata"]!["resourceVersion"]?.ToString() != current["metadata"]!["resourceVersion"]!.ToString()
                ? Refuse(HttpStatusCode.Conflict, "Conflict")
                : Store(path, body);
        }

        if (method == HttpMethod.Patch)
        {
            foreach (var (key, value) in body!)
            {
                current[key] = value?.DeepClone();
            }

            return Store(path, current);
        }

        return Json(HttpStatusCode.OK, current);
    }

    private HttpResponseMessage Store(string path, JsonObject item)
    {
        item["metadata"]!["resourceVersion"] = (++_version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _objects[path] = item;
        return Json(HttpStatusCode.OK, item);
    }

    private static HttpResponseMessage Refuse(HttpStatusCode code, string reason) => Json(
        code,
        new JsonObject { ["kind"] = "Status", ["reason"] = reason, ["message"] = reason, ["code"] = (int)code });

    private static HttpResponseMessage Json(HttpStatusCode code, JsonObject json) =>
        new(code) { Content = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json") };
}
