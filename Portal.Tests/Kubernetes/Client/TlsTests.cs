using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;

namespace Portal.Tests.Kubernetes.Client;

/// <summary>Certificates of both sides, with a server that asks for the client's. Its own certificate is for <c>kube.test</c> only.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tls").FullName;
    private readonly X509Certificate2 _server = NewCertificate("kube.test");
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = X509CertificateLoader.LoadPkcs12(_server.Export(X509ContentType.Pfx), null);
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.AllowAnyClientCertificate();
        })));
        _app = builder.Build();
        _app.Run(async context => await context.Response.WriteAsJsonAsync(new
        {
            client = context.Connection.ClientCertificate?.Subject,
            authorization = context.Request.Headers.Authorization.ToString(),
            path = context.Request.Path.Value,
            impersonation = context.Request.Headers.Where(header => header.Key.StartsWith("Impersonate-", StringComparison.Ordinal))
                .Select(header => $"{header.Key}={string.Join('|', header.Value.ToArray())}").Order(StringComparer.Ordinal),
        }));
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ClientCertificate_IsShown()
    {
        var me = NewCertificate("me");
        var answer = await AskAsync(
            $"{Trusted}, tls-server-name: kube.test",
            $"client-certificate-data: {Base64(me.ExportCertificatePem())}, client-key-data: {Base64(me.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())}");
        Assert.Equal("CN=me", answer["client"]!.ToString());
    }

    [Fact]
    public async Task ExecPlugin_Certificate_IsShown()
    {
        var me = NewCertificate("plugin");
        var status = new JsonObject
        {
            ["clientCertificateData"] = me.ExportCertificatePem(),
            ["clientKeyData"] = me.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
            ["token"] = "both",
        };
        await File.WriteAllTextAsync(Path.Combine(_folder, "answer.json"), new JsonObject { ["status"] = status }.ToJsonString());
        var answer = await AskAsync(
            $"{Trusted}, tls-server-name: kube.test",
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: cat, args: [answer.json]}");
        Assert.Equal(("CN=plugin", "Bearer both"), (answer["client"]!.ToString(), answer["authorization"]!.ToString()));
    }

    [Fact]
    public async Task Token_IsShown() => Assert.Equal("Bearer t0ken", (await AskAsync("insecure-skip-tls-verify: true", "token: t0ken"))["authorization"]!.ToString());

    [Fact]
    public async Task Impersonation_IsAskedForByHeaders()
    {
        var answer = await AskAsync(
            "insecure-skip-tls-verify: true", "token: t, as: jane, as-uid: u1, as-groups: [devs, 'the ops, all', Büro], as-user-extra: {example.test/scope: [read]}");
        Assert.Equal(
            """["Impersonate-Extra-example.test%2Fscope=read","Impersonate-Group=devs|the ops, all|B\u00FCro","Impersonate-Uid=u1","Impersonate-User=jane"]""",
            answer["impersonation"]!.ToJsonString());
    }

    [Theory]
    [InlineData("as", "as: \"jane\\x1Froot\"")]
    [InlineData("as-uid", "as: jane, as-uid: \"u\\x1F1\"")]
    public async Task Impersonation_ControlCharacters_AreRefusedByTheField(string field, string user)
    {
        var exception = await Assert.ThrowsAsync<KubeConfigException>(() => AskAsync("insecure-skip-tls-verify: true", "token: t, " + user));
        Assert.Contains($"user.{field}: has control characters", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Proxy_OfKubeconfigOrEnvironment_CarriesTheTunnel(bool inKubeconfig)
    {
        await using var proxy = new TunnelProxy();
        var address = $"http://me:pass@127.0.0.1:{proxy.Port}";

        // The name resolves nowhere but in the proxy, which also keeps the exception for loopback out of this.
        var answer = await AskAsync(
            $"{Trusted}, server: 'https://kube.test:{new Uri(_app.Urls.First()).Port}/below'{(inKubeconfig ? $", proxy-url: '{address}'" : "")}",
            "token: t",
            name => name == "HTTPS_PROXY" && !inKubeconfig ? address : null);
        Assert.Equal("Bearer t", answer["authorization"]!.ToString());
        Assert.StartsWith("CONNECT kube.test:", proxy.Request, StringComparison.Ordinal);
        Assert.Contains("Proxy-Authorization: Basic " + Base64("me:pass"), proxy.Request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_OtherName_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<KubeUnreachableException>(() => AskAsync(Trusted, "token: t0ken"));
        Assert.Contains("RemoteCertificateNameMismatch", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_OtherAuthority_IsRefused()
    {
        var other = Base64(NewCertificate("other").ExportCertificatePem());
        await Assert.ThrowsAsync<KubeUnreachableException>(() => AskAsync($"certificate-authority-data: {other}, tls-server-name: kube.test", ""));
    }

    private string Trusted => $"certificate-authority-data: {Base64(_server.ExportCertificatePem())}";

    private async Task<JsonObject> AskAsync(string cluster, string user, Func<string, string?>? environment = null)
    {
        var server = cluster.Contains("server:", StringComparison.Ordinal) ? "" : $"server: \"{_app.Urls.First()}/below\", ";
        var config = KubeConfig.Parse(
            $$"""
            current-context: x
            contexts: [{name: x, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: { {{server}}{{cluster}} } }]
            users: [{name: u, user: { {{user}} } }]
            """,
            Path.Combine(_folder, "config"));
        var connection = KubeConnectionFactory.FromKubeConfig(config, null, TimeProvider.System, environment ?? (_ => null));
        using var handler = connection.Handler;
        var answer = await new KubeClient(connection).GetJsonAsync("/version", default);
        Assert.Equal("/below/version", answer["path"]!.ToString());
        return answer;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static X509Certificate2 NewCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
