using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portal.ApiServer;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>What gets through the TLS port, byte by byte.</summary>
public sealed class SecureListenerTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("listener-");
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartAsync(new ApiServerOptions
    {
        DatabasePath = Path.Combine(_directory.FullName, "cluster.db"),
        CertificateDirectory = Path.Combine(_directory.FullName, "certificates"),
        SecurePort = 0,
    });

    public async Task DisposeAsync()
    {
        await _api.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/healthz", "", 200)]
    [InlineData("/livez", "", 200)]
    [InlineData("/readyz", "", 200)]
    [InlineData("/readyz?verbose", "", 200)]
    [InlineData("/healthz/../api/v1/secrets", "", 401)]
    [InlineData("/healthz/x", "", 401)]
    [InlineData("/version", "", 401)]
    [InlineData("/", "", 401)]
    [InlineData("/openid/v1/jwks", "", 401)]
    [InlineData("/healthz", "Authorization: Bearer wrong", 401)]
    [InlineData("/version", "Authorization: Bearer ", 401)]
    [InlineData("/version", "Authorization: Basic YWRtaW46YWRtaW4=", 401)]
    [InlineData("/version", "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", 401)]
    [InlineData("/version", "Impersonate-User: kubernetes-admin", 401)]
    [InlineData("/version", "Authorization: Bearer TOKEN", 200)]
    [InlineData("/version", "authorization: bearer TOKEN", 200)]
    [InlineData("/version", "Authorization: Bearer TOKENx", 401)]
    [InlineData("/version", "Authorization: Bearer wrong\r\nAuthorization: Bearer TOKEN", 401)]
    public async Task Request_WithTheseCredentials_Gets(string path, string header, int expected) =>
        Assert.Equal(expected, (await SendAsync("GET", path, header.Replace("TOKEN", Token, StringComparison.Ordinal))).Status);

    [Fact]
    public async Task Refusal_IsAStatusAndNamesTheScheme()
    {
        var (_, text) = await SendAsync("GET", "/api/v1/pods", "");

        Assert.Contains("WWW-Authenticate: Bearer", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"reason\":\"Unauthorized\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("../../cluster.db")]
    [InlineData("a/b")]
    [InlineData("/etc/passwd")]
    [InlineData("a\0b")]
    [InlineData("a\\..\\b")]
    [InlineData("%2e%2e")]
    public async Task Name_ThatIsAPath_IsRefused(string name)
    {
        var before = Files();
        foreach (var (collection, body) in (IEnumerable<(string, JsonObject)>)[(ConfigMaps, ConfigMap(name)), (Rbac.ClusterRoles, Rbac.Role("ClusterRole", name, "[]"))])
        {
            var (status, _) = await _api.SendAsync("POST", collection, body);

            // A backslash and a zero are characters like others in the names of roles, as on a real server: no name ever becomes a path of a file.
            var roleMay = collection == Rbac.ClusterRoles && name is "a\0b" or "a\\..\\b";
            Assert.Equal(roleMay ? HttpStatusCode.Created : HttpStatusCode.UnprocessableEntity, status);
        }

        Assert.Equal(before, Files());
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/..%2f..%2fsecrets", 404)]
    [InlineData("/api/v1/namespaces/..%2f..%2fetc/configmaps/x", 404)]
    [InlineData("/api/v1/namespaces/default/configmaps/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404)]
    [InlineData("/api/v1/namespaces/default/pods/..%2f..%2fx/log", 404)]
    [InlineData("/openapi/v3/..%2f..%2fetc%2fpasswd", 404)]
    [InlineData("/api/v1/namespaces/default/configmaps/%00", 400)]
    public async Task Path_WithAPathInIt_FindsNothing(string path, int expected) =>
        Assert.Equal(expected, (await SendAsync("GET", path, $"Authorization: Bearer {Token}")).Status);

    [Fact]
    public async Task Body_WithoutALength_IsCutOffAtTheLimit()
    {
        // Four chunks of a mebibyte: the third crosses the limit.
        var chunk = "100000\r\n" + new string(' ', 1 << 20) + "\r\n";
        var (status, text) = await SendAsync(
            "POST", ConfigMaps, $"Authorization: Bearer {Token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked", chunk + chunk + chunk + chunk + "0\r\n\r\n");

        Assert.Equal(413, status);
        Assert.Contains("RequestEntityTooLarge", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_OfAMegabyte_IsRefused() =>
        Assert.Equal(431, (await SendAsync("GET", "/version", $"X-Long: {new string('x', 1 << 20)}")).Status);

    [Fact]
    public async Task Watch_OfAClientThatClosesItsHalf_Ends()
    {
        var watches = _api.Server.Log.Hub.Count;
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _api.Server.SecureAddress!.Port);
        await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, Trusts);
        await tls.AuthenticateAsClientAsync("localhost");
        await tls.WriteAsync(Encoding.ASCII.GetBytes($"GET {ConfigMaps}?watch=true HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Token}\r\n\r\n"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        Assert.NotEqual(0, await tls.ReadAsync(new byte[1024], patience.Token));

        tcp.Client.Shutdown(SocketShutdown.Send);

        try
        {
            await tls.CopyToAsync(Stream.Null, patience.Token);
        }
        catch (IOException)
        {
            // Cut: that is an end as well.
        }

        Assert.True(SpinWait.SpinUntil(() => _api.Server.Log.Hub.Count == watches, TimeSpan.FromSeconds(20)));
    }

    private string Token => _api.Server.Kubeconfig!.Split("token: ")[1].Split('\n')[0];

    private string[] Files() => [.. Directory.EnumerateFiles(_directory.FullName, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Sends exactly these bytes.</summary>
    private async Task<(int Status, string Text)> SendAsync(string method, string path, string headers, string body = "")
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, _api.Server.SecureAddress!.Port);
        await using var tls = new SslStream(tcp.GetStream(), leaveInnerStreamOpen: false, Trusts);
        await tls.AuthenticateAsClientAsync("localhost");
        var head = $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{(headers.Length > 0 ? "\r\n" : "")}\r\n";
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var sending = SendAsync(tls, head + body, patience.Token);
        using var received = new MemoryStream();
        try
        {
            await tls.CopyToAsync(received, patience.Token);
        }
        catch (IOException)
        {
            // The server cut the connection after its answer: it did not want the rest.
        }

        await sending;
        var text = Encoding.UTF8.GetString(received.ToArray());
        return (int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), text);
    }

    private static async Task SendAsync(SslStream tls, string text, CancellationToken cancellationToken)
    {
        try
        {
            await tls.WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
        }
        catch (IOException)
        {
            // Refused before all of it was sent.
        }
    }

    private bool Trusts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        var pem = Encoding.ASCII.GetString(Convert.FromBase64String(_api.Server.Kubeconfig!.Split("certificate-authority-data: ")[1].Split('\n')[0]));
        using var authority = X509Certificate2.CreateFromPem(pem);
        using var trusted = new X509Chain();
        trusted.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        trusted.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        trusted.ChainPolicy.CustomTrustStore.Add(authority);
        return trusted.Build((X509Certificate2)certificate!);
    }
}
