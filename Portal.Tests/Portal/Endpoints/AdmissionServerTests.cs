using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Endpoints.Admission;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Admission.Webhooks;
using Portal.Operator.Manifests;
using Portal.Runner.Telemetry;
using Portal.Tests.ApiServer;
using Portal.Tests.Operator;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Endpoints;

/// <summary>The webhook as a cluster has it: configurations lead to a Service, its endpoint shows a certificate from the Secret, the bundle trusts it.</summary>
public sealed class AdmissionServerTests : IAsyncLifetime
{
    private const string Flows = "/apis/genkit.dev/v1alpha1/namespaces/default/flows";
    private const string Configurations = "/apis/admissionregistration.k8s.io/v1/";

    private static readonly WebhookOptions s_options = new() { Namespace = WebhookManifests.Namespace };
    private static readonly AdmissionChain s_chain = new(new AdmissionOptions { RunnerImage = "registry/runner:1" }, static () => null, AdmissionRules.All);

    private readonly ManualTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromMinutes(1));
    private TestApi _api = null!;
    private AdmissionServer _webhook = null!;

    public async Task InitializeAsync()
    {
        _api = await TestApi.StartAsync();
        await new CrdInstaller(new KubeClient(_api.Server.Connection), TimeProvider.System, NullLogger.Instance).InstallAsync(_timeout.Token);
        await _api.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = s_options.Namespace } }, HttpStatusCode.Created);
        foreach (var manifest in WebhookManifests.All.Values.SelectMany(manifests => manifests))
        {
            // In a cluster where nothing may pass unseen.
            if (manifest["webhooks"] is JsonArray webhooks)
            {
                webhooks[0]!["failurePolicy"] = "Fail";
            }

            await _api.SendAsync("POST", PathOf(manifest), manifest, HttpStatusCode.Created);
        }

        _webhook = await StartAsync();
        var port = _webhook.Address.Port;
        await _api.SendAsync("POST", $"/apis/discovery.k8s.io/v1/namespaces/{s_options.Namespace}/endpointslices", JsonNode.Parse($$$"""
            {
              "metadata": {"name": "webhook", "labels": {"kubernetes.io/service-name": "{{{s_options.Service}}}"}}, "addressType": "IPv4",
              "ports": [{"name": "webhook", "port": {{{port}}}}], "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": true}}]
            }
            """), HttpStatusCode.Created);
    }

    public async Task DisposeAsync()
    {
        await _webhook.DisposeAsync();
        await _api.DisposeAsync();
        _timeout.Dispose();
    }

    [Fact]
    public async Task Webhook_ARefusedObject_IsRefusedWithItsField()
    {
        var status = await _api.SendAsync("POST", Flows, Flow("healthz"), HttpStatusCode.UnprocessableEntity);

        Assert.Equal("metadata.name", (string?)status["details"]!["causes"]![0]!["field"]);
        Assert.StartsWith("admission webhook \"validate.genkit.dev\" denied the request: Flow.genkit.dev \"healthz\" is invalid: ", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Webhook_AnObjectWithoutAnImage_GetsTheDefaultOne()
    {
        var stored = await _api.SendAsync("POST", Flows, Flow("web", image: null), HttpStatusCode.Created);

        Assert.Equal("registry/runner:1", (string?)stored["spec"]!["image"]);
    }

    [Fact]
    public async Task Webhook_Away_RefusesWritesButNoDelete()
    {
        await _api.SendAsync("POST", Flows, Flow("web", "example.org/keep"), HttpStatusCode.Created);
        await _webhook.StopAsync(_timeout.Token);

        await _api.SendAsync("POST", Flows, Flow("other"), HttpStatusCode.InternalServerError);
        await _api.SendAsync("DELETE", $"{Flows}/web", null, HttpStatusCode.OK);

        // It may go, but not become something else meanwhile.
        await _api.MergeAsync($"{Flows}/web", new JsonObject { ["spec"] = new JsonObject { ["image"] = "another" } }, HttpStatusCode.InternalServerError);
        await _api.MergeAsync($"{Flows}/web", new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } });

        await _api.SendAsync("GET", $"{Flows}/web", null, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Webhook_CertificateIsDue_ShowsTheRenewedOneWithoutARestart()
    {
        var before = await ShownAsync(_webhook);

        await LaterAsync(TimeSpan.FromDays(61), TimeSpan.FromHours(1));

        var after = await ShownAsync(_webhook);
        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        Assert.True(after.NotAfter > before.NotAfter);
    }

    [Fact]
    public async Task Webhook_SeveralReplicas_ShareOneAuthority()
    {
        await _api.SendAsync("DELETE", $"/api/v1/namespaces/{s_options.Namespace}/secrets/{s_options.Secret}", null, HttpStatusCode.OK);
        var replicas = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StartAsync()));

        var shown = await Task.WhenAll(replicas.Select(ShownAsync));

        Assert.Single(shown.Select(certificate => certificate.Thumbprint).Distinct());
        await Task.WhenAll(replicas.Select(replica => replica.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task Bundle_Changed_IsPutRight()
    {
        var path = $"{Configurations}validatingwebhookconfigurations/{s_options.Configuration}";
        var before = (string?)(await _api.GetAsync(path))["webhooks"]![0]!["clientConfig"]!["caBundle"];
        await _api.SendAsync(
            "PATCH", path, JsonNode.Parse("""[{"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]"""), HttpStatusCode.OK, "application/json-patch+json");

        await LaterAsync(TimeSpan.FromHours(1), TimeSpan.FromHours(1));

        Assert.Equal(before, (string?)(await _api.GetAsync(path))["webhooks"]![0]!["clientConfig"]!["caBundle"]);
    }

    [Fact]
    public async Task Files_Changed_AreShownWithoutARestart()
    {
        var directory = Directory.CreateTempSubdirectory("webhook-");
        try
        {
            Write(directory, WebhookCertificates.Renew(null, ["one.svc"], _time.GetUtcNow()));
            await using var server = new AdmissionServer(0, s_chain, new FileCertificates(directory.FullName), _time, NullLoggerFactory.Instance);
            await server.StartAsync(_timeout.Token);
            await server.WaitUntilLoadedAsync(_timeout.Token);
            Assert.True((await ShownAsync(server)).MatchesHostname("one.svc"));

            Write(directory, WebhookCertificates.Renew(null, ["two.svc"], _time.GetUtcNow()));
            await LaterAsync(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));

            Assert.True((await ShownAsync(server)).MatchesHostname("two.svc"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>As the portal composes it: from settings, with what else is in its container.</summary>
    [Fact]
    public async Task Module_WithAPort_ServesAndIsCounted()
    {
        await using var provider = new ServiceCollection().AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(new KubeClient(_api.Server.Connection))
            .AddSingleton(s_chain)
            .AddAdmissionServer(new AdmissionSettings { Port = 0, Namespace = s_options.Namespace, Secret = "of-the-module" })
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        using var metrics = new PrometheusMetrics(AdmissionMetrics.MeterName);
        var server = Assert.IsType<AdmissionServer>(Assert.Single(provider.GetServices<IHostedService>()));
        await server.StartAsync(_timeout.Token);
        await server.WaitUntilLoadedAsync(_timeout.Token);
        using var http = await ClientAsync();
        var review = new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["request"] = new JsonObject
            {
                ["uid"] = "one",
                ["operation"] = "CREATE",
                ["kind"] = new JsonObject { ["group"] = "genkit.dev", ["version"] = "v1alpha1", ["kind"] = "Flow" },
                ["object"] = Flow("readyz"),
            },
        };

        using var content = new StringContent(review.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri($"https://{s_options.DnsNames[0]}:{server.Address.Port}/admission/validate"), content, _timeout.Token);

        var response = JsonNode.Parse(await answer.Content.ReadAsStringAsync(_timeout.Token))!["response"]!;
        Assert.Equal(("one", false), ((string?)response["uid"], (bool)response["allowed"]!));
        Assert.Contains("genkit_admission_reviews_total{kind=\"Flow\",result=\"refused\"}", metrics.Write(), StringComparison.Ordinal);
        await server.StopAsync(_timeout.Token);
    }

    [Fact]
    public async Task Start_OnAPortInUse_NamesTheSetting()
    {
        await using var second = new AdmissionServer(_webhook.Address.Port, s_chain, new FileCertificates("/nowhere"), _time, NullLoggerFactory.Instance);

        var exception = await Assert.ThrowsAsync<StartupException>(() => second.StartAsync(_timeout.Token));

        Assert.Contains("Portal:Admission:Port", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Module_WithoutAPort_AddsNothing() => Assert.Empty(new ServiceCollection().AddAdmissionServer(new AdmissionSettings()));

    [Fact]
    public async Task Endpoint_ABodyBeyondAllObjects_IsRefused()
    {
        using var http = await ClientAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"https://{s_options.DnsNames[0]}:{_webhook.Address.Port}{WebhookManifests.ValidatePath}"));
        request.Content = new StringContent(new string(' ', (int)AdmissionEndpoint.MaxBody + 1), Encoding.UTF8, "application/json");
        request.Headers.ExpectContinue = true;

        using var answer = await http.SendAsync(request, _timeout.Token);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    /// <summary>Asks as an API server does: under the Service's name, trusting the bundle of the configuration and nothing else.</summary>
    private async Task<HttpClient> ClientAsync()
    {
        var configuration = await _api.GetAsync($"{Configurations}validatingwebhookconfigurations/{s_options.Configuration}");
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.ASCII.GetString(Convert.FromBase64String((string)configuration["webhooks"]![0]!["clientConfig"]!["caBundle"]!)));
        return new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            ConnectCallback = static async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    private static string PathOf(JsonObject manifest)
    {
        var (version, @namespace) = (manifest["apiVersion"]!.ToString(), manifest["metadata"]!["namespace"]);
        return $"/{(version == "v1" ? "api" : "apis")}/{version}/{(@namespace is null ? "" : $"namespaces/{@namespace}/")}{manifest["kind"]!.ToString().ToLowerInvariant()}s";
    }

    /// <summary>As the account of the manifests, which may do what they say and nothing else.</summary>
    private async Task<AdmissionServer> StartAsync()
    {
        var account = new KubeClient(OperatorIdentity.Acting(_api.Server.Connection, $"system:serviceaccount:{s_options.Namespace}:genkit-portal"));
        var certificates = new SecretCertificates(account, s_options, _time, NullLogger<SecretCertificates>.Instance);
        var server = new AdmissionServer(0, s_chain, certificates, _time, NullLoggerFactory.Instance);
        await server.StartAsync(_timeout.Token);
        await server.WaitUntilLoadedAsync(_timeout.Token);
        return server;
    }

    /// <summary>Lets time pass for a server that waits, until it has loaded its certificate anew and waits again.</summary>
    private async Task LaterAsync(TimeSpan by, TimeSpan interval)
    {
        await _time.TimerWithinAsync(interval);
        _time.Jump(by);
        await _time.TimerWithinAsync(interval);
    }

    private async Task<X509Certificate2> ShownAsync(AdmissionServer server)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, _timeout.Token);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = s_options.DnsNames[0], RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null }, _timeout.Token);
        return X509CertificateLoader.LoadCertificate(stream.RemoteCertificate!.Export(X509ContentType.Cert));
    }

    private static void Write(DirectoryInfo directory, WebhookCertificates certificates)
    {
        File.WriteAllText(Path.Combine(directory.FullName, "tls.crt"), certificates.Certificate);
        File.WriteAllText(Path.Combine(directory.FullName, "tls.key"), certificates.Key);
    }

    private static JsonObject Flow(string name, string? finalizer = null, string? image = "runner") => new()
    {
        ["apiVersion"] = "genkit.dev/v1alpha1",
        ["kind"] = "Flow",
        ["metadata"] = new JsonObject { ["name"] = name, ["finalizers"] = finalizer is null ? [] : new JsonArray(finalizer) },
        ["spec"] = image is null ? [] : new JsonObject { ["image"] = image },
    };
}
