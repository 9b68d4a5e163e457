using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Portal.Tests.ApiServer.Conformance;

/// <summary>Admission webhooks over HTTPS that answer as a case tells them, and remember what they were asked.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _behaviours = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<JsonObject>> _calls = new(StringComparer.Ordinal);
    private readonly WebApplication _app;

    private WebhookServer(WebApplication app, string authority) => (_app, Authority) = (app, authority);

    /// <summary>The certificate to trust, PEM in base64, as a webhook configuration has it.</summary>
    public string Authority { get; }

    /// <summary>Base address with a slash at the end.</summary>
    public string Address { get; private set; } = "";

    public static async Task<WebhookServer> StartAsync()
    {
        using var certificate = MakeCertificate();
        var served = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(served)));
        var app = builder.Build();
        var result = new WebhookServer(app, Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate.ExportCertificatePem())));
        app.Run(result.AnswerAsync);
        await app.StartAsync();
        result.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/";
        return result;
    }

    public void Behave(string path, JsonObject behaviour)
    {
        lock (_lock)
        {
            _behaviours[path] = behaviour;
        }
    }

    /// <summary>The reviews that came at a path, oldest first.</summary>
    public IReadOnlyList<JsonObject> Calls(string path)
    {
        lock (_lock)
        {
            return _calls.TryGetValue(path, out var calls) ? [.. calls] : [];
        }
    }

    public void Forget(string prefix)
    {
        lock (_lock)
        {
            foreach (var (_, calls) in _calls.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
            {
                calls.Clear();
            }
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var behaviour = Remember(http.Request.Path.Value!, review);
        http.Response.StatusCode = behaviour["http"]?.GetValue<int>() ?? 200;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync((behaviour.ContainsKey("http") ? [] : Answer(review, behaviour)).ToJsonString());
    }

    private JsonObject Remember(string path, JsonObject review)
    {
        lock (_lock)
        {
            if (!_calls.TryGetValue(path, out var calls))
            {
                _calls[path] = calls = [];
            }

            calls.Add(review);
            return Choose(_behaviours[path], review["request"]!);
        }
    }

    private static JsonObject Choose(JsonObject behaviour, JsonNode request) => (behaviour["rules"] as JsonArray ?? [])
        .Select(rule => rule!.AsObject())
        .FirstOrDefault(rule => rule["when"]!.AsArray().All(when => JsonNode.DeepEquals(Pointer.First(request, when!["pointer"]!.ToString()), when["equals"])))
        ?? behaviour;

    private static JsonObject Answer(JsonObject review, JsonObject behaviour)
    {
        var response = behaviour["response"]?.DeepClone().AsObject() ?? new JsonObject { ["allowed"] = true };
        response["uid"] = behaviour.ContainsKey("wrongUid") ? Guid.Empty.ToString() : review["request"]!["uid"]!.ToString();
        if (behaviour["patch"] is { } patch)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch.ToJsonString()));
        }

        return new JsonObject { ["apiVersion"] = review["apiVersion"]!.ToString(), ["kind"] = "AdmissionReview", ["response"] = response };
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
