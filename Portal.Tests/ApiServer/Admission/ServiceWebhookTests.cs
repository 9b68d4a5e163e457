using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Admission;

/// <summary>A webhook that is named as a Service and found by its EndpointSlice.</summary>
public sealed class ServiceWebhookTests : IAsyncLifetime
{
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _webhook = null!;
    private TestApi _api = null!;
    private string _authority = "";

    public async Task InitializeAsync()
    {
        using var certificate = Certificate("hook.default.svc");
        _authority = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var served = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(served)));
        _webhook = builder.Build();
        _webhook.Run(AnswerAsync);
        await _webhook.StartAsync();
        _api = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        await _webhook.DisposeAsync();
    }

    [Fact]
    public async Task Webhook_BehindAService_IsAskedUnderTheServicesName()
    {
        await AddServiceAsync("hook");
        await RegisterAsync("hook", port: 8443);

        var status = await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.Forbidden);

        Assert.Contains("denied the request: seen", (string?)status["message"], StringComparison.Ordinal);
        Assert.Equal("hook.default.svc:8443/review", await _asked.Task);
    }

    [Fact]
    public async Task Webhook_WithACertificateForAnotherName_IsNotTrusted()
    {
        await AddServiceAsync("other");
        await RegisterAsync("other", port: 8443);

        var status = await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.InternalServerError);

        Assert.Contains("certificate", (string?)status["message"], StringComparison.Ordinal);
        Assert.False(_asked.Task.IsCompleted);
    }

    [Fact]
    public async Task Webhook_OfAServiceThatIsNotThere_FailsAndSaysWhy()
    {
        await AddServiceAsync("hook");
        await RegisterAsync("hook", port: 443);
        Assert.Contains("service \"hook\" in namespace \"default\" with port 443 not found", await RefusedAsync(), StringComparison.Ordinal);

        await _api.SendAsync("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/hook", null, HttpStatusCode.OK);
        await _api.SendAsync("DELETE", $"{Slices}/hook", null, HttpStatusCode.OK);
        await RegisterAsync("hook", port: 8443);
        Assert.Contains("no endpoints available for service \"hook\"", await RefusedAsync(), StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync() =>
        (string)(await _api.SendAsync("POST", ConfigMaps, ConfigMap("a"), HttpStatusCode.InternalServerError))["message"]!;

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body))!;
        _asked.TrySetResult($"{http.Request.Host}{http.Request.Path}");
        var response = new JsonObject
        {
            ["uid"] = review["request"]!["uid"]!.DeepClone(),
            ["allowed"] = false,
            ["status"] = new JsonObject { ["code"] = 403, ["message"] = "seen" },
        };
        await http.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }

    /// <summary>A Service whose port 8443 is called https, and a slice where https is the port the webhook has.</summary>
    private async Task AddServiceAsync(string name)
    {
        var service = JsonNode.Parse($$$"""{"metadata":{"name":"{{{name}}}"},"spec":{"ports":[{"name":"metrics","port":9090},{"name":"https","port":8443}]}}""")!.AsObject();
        await _api.SendAsync("POST", "/api/v1/namespaces/default/services", service, HttpStatusCode.Created);
        var port = new Uri(_webhook.Urls.First()).Port;
        var slice = JsonNode.Parse($$$"""
            {
              "metadata": {"name": "{{{name}}}", "labels": {"kubernetes.io/service-name": "{{{name}}}"}}, "addressType": "IPv4",
              "ports": [{"name": "metrics", "port": 1}, {"name": "https", "port": {{{port}}}}],
              "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": true}}, {"addresses": ["127.0.0.9"], "conditions": {"ready": false}}]
            }
            """)!.AsObject();
        await _api.SendAsync("POST", Slices, slice, HttpStatusCode.Created);
    }

    private Task RegisterAsync(string service, int port) => _api.SendAsync(
        "POST",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "hook" },
            ["webhooks"] = new JsonArray(new JsonObject
            {
                ["name"] = "hook.example.org",
                ["sideEffects"] = "None",
                ["admissionReviewVersions"] = new JsonArray("v1"),
                ["clientConfig"] = new JsonObject
                {
                    ["service"] = new JsonObject { ["namespace"] = "default", ["name"] = service, ["path"] = "/review", ["port"] = port },
                    ["caBundle"] = _authority,
                },
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["operations"] = new JsonArray("CREATE"),
                    ["apiGroups"] = new JsonArray(""),
                    ["apiVersions"] = new JsonArray("v1"),
                    ["resources"] = new JsonArray("configmaps"),
                }),
            }),
        },
        HttpStatusCode.Created);

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
