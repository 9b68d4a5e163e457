using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator;
using Portal.Operator.Admission;
using Portal.Operator.Reconciliation;
using AdmissionChain = Portal.Operator.Admission.AdmissionChain;
using LocalWebhook = Portal.ApiServer.Admission.LocalWebhook;

namespace Portal.Tests.Operator.InvalidManifests;

/// <summary>
/// An API server with the kinds, the admission rules and the controllers. Three namespaces hold the same background: in <see cref="Lenient"/> and
/// <see cref="Live"/> the rules are as shipped, in <see cref="Strict"/> they are strict.
/// </summary>
public sealed class AdmissionFixture : IAsyncLifetime
{
    public const string Lenient = "lenient";
    public const string Strict = "strict";
    public const string Live = "live";

    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(1));
    private AdmissionChain _lenient = AdmissionChain.Empty;
    private AdmissionChain _strict = AdmissionChain.Empty;
    private KubeApiServer? _server;
    private EventRecorder? _events;
    private OperatorHost? _host;
    private HttpClient? _http;

    public KubeClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var webhook = new LocalWebhook
        {
            Name = "admission.genkit.dev",
            Group = "genkit.dev",
            Mutate = review => AdmissionReviews.Mutate(review, ChainFor(review)),
            Validate = review => AdmissionReviews.Validate(review, ChainFor(review)),
        };
        _server = await KubeApiServer.StartAsync(new ApiServerOptions { LocalWebhooks = [webhook] }, TimeProvider.System, NullLoggerFactory.Instance, _timeout.Token);
        _http = new HttpClient(_server.Connection.Handler, disposeHandler: false) { BaseAddress = _server.Connection.Server };
        Client = new KubeClient(_server.Connection);
        var factory = new InformerFactory(Client, @namespace: null, TimeProvider.System, NullLoggerFactory.Instance);
        _events = new EventRecorder(Client, "genkit-operator", TimeProvider.System);
        _host = new OperatorHost(Client, factory, _events, new OperatorOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        await _host.StartAsync(_timeout.Token);
        await _host.WaitUntilRunningAsync(_timeout.Token);
        await CreateBackgroundAsync(factory);
        var objects = new GenkitInformers(factory);
        _lenient = new AdmissionChain(new AdmissionOptions(), () => objects, AdmissionRules.All);
        _strict = new AdmissionChain(new AdmissionOptions { Strict = true }, () => objects, AdmissionRules.All);
    }

    public async Task DisposeAsync()
    {
        await _host!.DisposeAsync();
        await _events!.DisposeAsync();
        _http!.Dispose();
        await _server!.DisposeAsync();
        _timeout.Dispose();
    }

    /// <summary>Creates an object as kubectl does, to try or for good; a refusal is one line a cause.</summary>
    internal async Task<(HttpStatusCode Status, IReadOnlyList<string> Causes, IReadOnlyList<string> Warnings)> CreateAsync(string @namespace, string yaml, bool dryRun)
    {
        var kind = TestManifests.Read(yaml)[0]["kind"]!.ToString();
        var path = $"/apis/genkit.dev/v1alpha1/namespaces/{@namespace}/{kind.ToLowerInvariant()}s?fieldValidation=Strict{(dryRun ? "&dryRun=All" : "")}";
        using var content = new StringContent(yaml, Encoding.UTF8, "application/yaml");
        using var answer = await _http!.PostAsync(path, content, _timeout.Token);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(_timeout.Token))!;
        var warnings = answer.Headers.TryGetValues("Warning", out var headers) ? headers.SelectMany(header => header.Split(", 299 - ")).Select(Unquoted) : [];
        return (answer.StatusCode, answer.IsSuccessStatusCode ? [] : [.. CausesIn(body)], [.. warnings]);
    }

    /// <summary>Without what the server adds to say that it stopped looking.</summary>
    private static IEnumerable<string> CausesIn(JsonNode status) => status["details"]?["causes"] is JsonArray { Count: > 0 } causes
        ? causes.Where(cause => cause!["field"]?.ToString() != "<nil>").Select(cause => $"{cause!["field"]}: {cause["message"]}")
        : [status["message"]!.ToString()];

    private static string Unquoted(string header) => header[(header.IndexOf('"', StringComparison.Ordinal) + 1)..^1].Replace("\\\"", "\"", StringComparison.Ordinal);

    private AdmissionChain ChainFor(JsonObject review) => review["request"]!["namespace"]?.ToString() == Strict ? _strict : _lenient;

    private async Task CreateBackgroundAsync(InformerFactory factory)
    {
        var background = await File.ReadAllTextAsync(Path.Combine(InvalidManifest.Folder, "background.yaml"), _timeout.Token);
        foreach (var name in new[] { Lenient, Strict, Live })
        {
            await Client.Resource(BuiltIn.Namespace).CreateAsync(new KubeObject(new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }), null, _timeout.Token);
            await new TestNamespace(Client, name, _timeout.Token).ApplyAsync(background);
        }

        // The last of each kind: then the rules know them all.
        var informers = new GenkitInformers(factory);
        await SeenAsync(informers.Secrets, "other-keys");
        await SeenAsync(informers.ConfigMaps, "no-samples");
        await SeenAsync(informers.PluginConfigs, "openai");
        await SeenAsync(informers.Models, "gpt");
        await SeenAsync(informers.Prompts, "greet");
        await SeenAsync(informers.Tools, "ask-first");
        await SeenAsync(informers.Flows, "desk-mail");
        await SeenAsync(informers.FlowSets, "office");
        await SeenAsync(informers.Datasets, "samples");
    }

    private async Task SeenAsync<T>(Informer<T> informer, string name) where T : KubeObject
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = informer.Subscribe(change =>
        {
            if ((change.Object.Namespace, change.Object.Name) == (Live, name))
            {
                seen.TrySetResult();
            }
        });
        await seen.Task.WaitAsync(_timeout.Token);
    }
}
