using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portal.ApiServer;
using Portal.ApiServer.Handlers;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>Start, stop, restart, and who gets in.</summary>
public sealed class KubeApiServerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("api-server-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task StartAsync_OnTheSameFiles_HasObjectsCrdsAndCredentialsBack()
    {
        string? kubeconfig;
        await using (var first = await TestApi.StartAsync(Options(port: 0)))
        {
            await first.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ThingDefinition(), HttpStatusCode.Created);
            await first.SendAsync("POST", Things, Thing("a"), HttpStatusCode.Created);
            kubeconfig = first.Server.Kubeconfig;
        }

        await using var second = await TestApi.StartAsync(Options(port: 0));

        Assert.Equal(3, (int?)(await second.GetAsync($"{Things}/a"))["spec"]!["size"]);
        Assert.Equal(WithoutAddress(kubeconfig!), WithoutAddress(second.Server.Kubeconfig!));
    }

    [Fact]
    public async Task List_NotOlderThanANumberThisHistoryNeverGaveOut_IsTooLarge()
    {
        const string Path = "/api/v1/namespaces/default/configmaps?resourceVersionMatch=NotOlderThan&resourceVersion=";
        await using var api = await TestApi.StartAsync(Options(port: null));
        var current = (string)(await api.GetAsync("/api/v1/namespaces/default/configmaps"))["metadata"]!["resourceVersion"]!;

        var refused = await api.SendAsync("GET", Path + "999999999999", null, HttpStatusCode.GatewayTimeout);

        Assert.Equal("ResourceVersionTooLarge", (string?)refused["details"]!["causes"]![0]!["reason"]);
        await api.SendAsync("GET", Path + current, null, HttpStatusCode.OK);
    }

    [Fact]
    public async Task StartAsync_OnAPortInUse_SaysSoInOneLine()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var problem = await Assert.ThrowsAsync<IOException>(() => TestApi.StartAsync(new ApiServerOptions { SecurePort = port }));

        Assert.Contains($"Port {port}", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public async Task StartAsync_AfterAFailedStart_CanUseTheSameDatabase()
    {
        using (var taken = new TcpListener(IPAddress.Loopback, 0))
        {
            taken.Start();
            await Assert.ThrowsAsync<IOException>(() => TestApi.StartAsync(Options(((IPEndPoint)taken.LocalEndpoint).Port)));
        }

        await using var api = await TestApi.StartAsync(Options(port: null));

        Assert.Null(api.Server.SecureAddress);
        Assert.Null(api.Server.Kubeconfig);
    }

    [Fact]
    public async Task SecureListener_WithoutCredentials_IsUnauthorized()
    {
        await using var api = await TestApi.StartAsync(new ApiServerOptions { SecurePort = 0 });
        using var http = Client(api.Server);

        using var anonymous = await http.GetAsync("/api/v1/namespaces");
        http.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        using var wrong = await http.GetAsync("/api/v1/namespaces");
        http.DefaultRequestHeaders.Authorization = new("Bearer", Field(api.Server.Kubeconfig!, "token: "));
        using var right = await http.GetAsync("/api/v1/namespaces");

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task CertificateDirectory_Always_IsPrivate()
    {
        await using var api = await TestApi.StartAsync(Options(port: 0));

        Assert.All(Directory.GetFiles(Path.Combine(_directory.FullName, "certificates")), file =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task PodLog_ComesFromTheHook()
    {
        static async IAsyncEnumerable<string> Lines(PodLogRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            await Task.Yield();
            yield return $"{request.Namespace}/{request.Pod} {request.Container} {request.Follow} {request.TailLines} {request.Previous} {request.Timestamps}";
        }

        await using var api = await TestApi.StartAsync(new ApiServerOptions { PodLogs = Lines });
        var pod = JsonNode.Parse("""{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");
        await api.SendAsync("POST", "/api/v1/namespaces/default/pods", pod, HttpStatusCode.Created);

        var (status, body) = await api.SendAsync("GET", "/api/v1/namespaces/default/pods/p/log?container=c&tailLines=5&timestamps=true");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("default/p c False 5 False True\n", (string?)body["text"]);
        var refusal = await api.SendAsync("GET", "/api/v1/namespaces/default/pods/p/log?previous=true", null, HttpStatusCode.BadRequest);
        Assert.Equal("previous terminated container \"c\" in pod \"p\" not found", (string?)refusal["message"]);
        await api.SendAsync("GET", "/api/v1/namespaces/default/pods/none/log", null, HttpStatusCode.NotFound);
    }

    private static HttpClient Client(KubeApiServer server)
    {
        var pem = Encoding.ASCII.GetString(Convert.FromBase64String(Field(server.Kubeconfig!, "certificate-authority-data: ")));
        var authority = X509Certificate2.CreateFromPem(pem);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(authority);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None;
        return new HttpClient(handler) { BaseAddress = server.SecureAddress };
    }

    private static string Field(string yaml, string key) => yaml.Split('\n').First(line => line.Contains(key, StringComparison.Ordinal)).Split(key)[1].Trim();

    private static string WithoutAddress(string yaml) => string.Join('\n', yaml.Split('\n').Where(line => !line.Contains("server:", StringComparison.Ordinal)));

    private ApiServerOptions Options(int? port) => new()
    {
        DatabasePath = Path.Combine(_directory.FullName, "cluster.db"),
        SecurePort = port,
        CertificateDirectory = Path.Combine(_directory.FullName, "certificates"),
    };
}
