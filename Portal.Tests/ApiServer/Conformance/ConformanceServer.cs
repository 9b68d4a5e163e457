using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portal.ApiServer;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>A server in memory that the cases of one area share, with the CRDs they ask for.</summary>
public sealed class ConformanceServer : IAsyncLifetime
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private readonly HashSet<string> _fixtures = new(StringComparer.Ordinal);
    private HttpClient? _stranger;

    internal TestApi Api { get; private set; } = null!;

    /// <summary>Started by the first case that needs it.</summary>
    internal WebhookServer? Webhooks { get; private set; }

    public async Task InitializeAsync() => Api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });

    public async Task DisposeAsync()
    {
        _stranger?.Dispose();
        if (Webhooks is not null)
        {
            await Webhooks.DisposeAsync();
        }

        await Api.DisposeAsync();
    }

    /// <summary>Runs one recorded case, and holds it against the list of deviations.</summary>
    public async Task RunAsync(string area, string name)
    {
        var text = await File.ReadAllTextAsync(Recordings.Path("cases", area, $"{name}.json"));
        await Deviations.CheckAsync($"{area}/{name}", () => new CaseRun(this, JsonNode.Parse(text)!.AsObject()).RunAsync());
    }

    internal async Task<WebhookServer> StartWebhooksAsync() => Webhooks ??= await WebhookServer.StartAsync();

    internal async Task EnsureFixtureAsync(string name)
    {
        if (!_fixtures.Add(name))
        {
            return;
        }

        foreach (var definition in JsonNode.Parse(await File.ReadAllTextAsync(Recordings.Path("fixtures", $"{name}.json")))!.AsArray())
        {
            var (status, body) = await Api.SendAsync("POST", Definitions, definition);
            if (status != HttpStatusCode.Created)
            {
                throw new StepException($"fixture {name}: {body}");
            }
        }
    }

    /// <summary>Sends a recorded request whose variables are filled in.</summary>
    internal async Task<HttpResponseMessage> SendAsync(JsonObject recorded, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(recorded["method"]!.ToString()), recorded["path"] + Query(recorded["query"] as JsonObject));
        var headers = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["User-Agent"] = "conformance/1", ["Accept"] = "application/json" };
        foreach (var (name, value) in recorded["headers"] as JsonObject ?? [])
        {
            headers[name] = value?.ToString();
        }

        if (recorded["auth"] is JsonObject { } auth)
        {
            headers["Authorization"] = $"Bearer {auth["token"]}";
        }

        if (Body(recorded) is { } body)
        {
            headers.TryAdd("Content-Type", "application/json");
            request.Content = new ByteArrayContent(body);
        }

        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            var ofContent = name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase);
            HttpHeaders? target = ofContent ? request.Content?.Headers : request.Headers;
            target?.TryAddWithoutValidation(name, value);
        }

        // Whoever comes over the pipes is trusted, so that a stranger has to come over TLS.
        return await (recorded["auth"] is null ? Api.Http : Stranger()).SendAsync(request, completion, cancellationToken);
    }

    private HttpClient Stranger() => _stranger ??= new HttpClient(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 },
    })
    {
        BaseAddress = Api.Server.SecureAddress,
    };

    private static string Query(JsonObject? query) => query is null
        ? ""
        : "?" + string.Join('&', query.Select(pair => $"{WebUtility.UrlEncode(pair.Key)}={WebUtility.UrlEncode(pair.Value?.ToString())}"));

    private static byte[]? Body(JsonObject recorded)
    {
        if (!recorded.TryGetPropertyValue("body", out var body))
        {
            return recorded["bodyText"] is { } text ? Encoding.UTF8.GetBytes(text.ToString()) : null;
        }

        if (recorded["bodyPad"] is JsonObject pad)
        {
            body = body!.DeepClone();
            var parts = pad["pointer"]!.ToString().Split('/');
            Pointer.First(body, string.Join('/', parts[..^1]))![parts[^1]] = new string('a', pad["count"]!.GetValue<int>());
        }

        return Encoding.UTF8.GetBytes(body?.ToJsonString() ?? "null");
    }
}
