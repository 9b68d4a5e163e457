using System.Net;
using Portal.Kubernetes.Client.Auth;
using Portal.Kubernetes.Configuration;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Client;

public sealed class CredentialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("credentials").FullName;
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task FileToken_Replaced_IsReadAgainAfterTenSeconds()
    {
        var file = Write("token", "one\n");
        var source = new FileTokenSource(file, _time);
        Assert.Equal("one", await TokenAsync(source));
        File.WriteAllText(file, "two");
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("one", await TokenAsync(source));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("two", await TokenAsync(source));
    }

    [Fact]
    public async Task FileToken_GoneForAMoment_KeepsTheLastOne()
    {
        var file = Write("token", "one");
        var source = new FileTokenSource(file, _time);
        await TokenAsync(source);
        File.Delete(file);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("one", await TokenAsync(source));
    }

    [Fact]
    public async Task FileToken_Empty_NamesTheFile()
    {
        var source = new FileTokenSource(Write("token", " \n"), _time);
        Assert.Contains(_folder, (await Assert.ThrowsAsync<KubeConfigException>(() => TokenAsync(source))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handler_TokenRefused_ReadsItAgainAndRepeatsOnce()
    {
        var file = Write("token", "one");
        var server = new FakeServer();
        var credentials = new Credentials { Token = new FileTokenSource(file, _time) };
        using var http = new HttpMessageInvoker(new AuthenticationHandler(credentials, new ClientCertificate(), null, server));
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://cluster.test/api") { Content = new ByteArrayContent("{}"u8.ToArray()) };
        var send = http.SendAsync(request, default);
        var first = await server.NextAsync();
        File.WriteAllText(file, "two");
        first.Answer(HttpStatusCode.Unauthorized, "");
        var second = await server.NextAsync();
        second.Answer(HttpStatusCode.Unauthorized, "");
        using var response = await send;
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(("Bearer one", "Bearer two", "{}"), (first.Authorization, second.Authorization, second.Body));
    }

    [Fact]
    public async Task Exec_Answer_IsKeptUntilItExpires()
    {
        var source = Exec("""
            echo run >> runs
            printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s-%s-%s","expirationTimestamp":"2030-01-01T00:05:00Z"}}' "$1" "$WHO" "$(wc -l < runs | tr -d ' ')"
            """);
        Assert.Equal("arg-me-1", await TokenAsync(source));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("arg-me-1", await TokenAsync(source));
        _time.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal("arg-me-2", await TokenAsync(source));
    }

    [Fact]
    public async Task Exec_ManyAtOnce_RunsOnce()
    {
        var source = Exec("""
            echo run >> runs
            echo '{"status":{"token":"t"}}'
            """);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TokenAsync(source))));
        Assert.Equal(1, Runs);
    }

    [Fact]
    public async Task Exec_ManyRefusedForOneToken_RunsOnceMore()
    {
        var source = Exec("""
            echo run >> runs
            printf '{"status":{"token":"%s"}}' "$(wc -l < runs | tr -d ' ')"
            """);
        var old = await source.GetAsync(default);
        for (var i = 0; i < 5; i++)
        {
            source.Invalidate(old);
            Assert.Equal("2", await TokenAsync(source));
        }

        Assert.Equal(2, Runs);
    }

    [Fact]
    public async Task Exec_AsksForTheCluster_GetsIt()
    {
        var source = Exec(
            """
            echo "$KUBERNETES_EXEC_INFO" > info
            echo '{"status":{"token":"t"}}'
            """,
            "{server: 'https://cluster.test', tls-server-name: kube, certificate-authority-data: aGVsbG8=}",
            "provideClusterInfo: true");
        await TokenAsync(source);
        Assert.Equal(
            """{"interactive":false,"cluster":{"server":"https://cluster.test","tls-server-name":"kube","certificate-authority-data":"aGVsbG8="}}""",
            JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "info")))!["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task Exec_GetsTheExecInfo()
    {
        var source = Exec("""
            echo "$KUBERNETES_EXEC_INFO" > info
            echo '{"status":{"token":"t"}}'
            """);
        await TokenAsync(source);
        Assert.Equal(
            """{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{"interactive":false}}""",
            (await File.ReadAllTextAsync(Path.Combine(_folder, "info"))).Trim());
    }

    [Theory]
    [InlineData("echo oh no >&2; echo s3cret; exit 3", "ended with code 3 (oh no). Get it from example.test")]
    [InlineData("echo s3cret", "answer is not an ExecCredential")]
    [InlineData("echo '{\"status\":{}}'", "there is neither status.token nor status.clientCertificateData")]
    [InlineData("echo '{\"status\":{\"token\":\"s3cret\",\"expirationTimestamp\":\"soon\"}}'", "status.expirationTimestamp is no time")]
    public async Task Exec_Fails_SaysWhyWithoutItsOutput(string script, string expected)
    {
        var message = (await Assert.ThrowsAsync<KubeConfigException>(() => TokenAsync(Exec(script)))).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains("users[0].user.exec.command", message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_NoSuchProgram_GivesTheHint()
    {
        var message = (await Assert.ThrowsAsync<KubeConfigException>(() => TokenAsync(Exec(null)))).Message;
        Assert.Contains($"'{_folder}/bin/gone' cannot be started", message, StringComparison.Ordinal);
        Assert.EndsWith("Get it from example.test", message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string?> TokenAsync(ITokenSource source) => (await source.GetAsync(default)).Token;

    private int Runs => File.ReadAllLines(Path.Combine(_folder, "runs")).Length;

    private ExecCredentialSource Exec(string? script, string cluster = "{server: 'https://cluster.test'}", string extra = "installHint: Get it from example.test")
    {
        if (script is not null)
        {
            Write("plugin.sh", script.ReplaceLineEndings("\n") + "\n");
        }

        var config = ConfigNode.Parse(
            $"""
            cluster: {cluster}
            users:
            - name: u
              user:
                exec:
                  apiVersion: client.authentication.k8s.io/v1
                  command: {(script is null ? "./bin/gone" : "sh")}
                  args: [plugin.sh, arg]
                  env:
                  - name: WHO
                    value: me
                  {extra}
            """,
            Path.Combine(_folder, "config"));
        return new ExecCredentialSource(ExecSettings.Read(config.Items("users")[0].Child("user")!.Child("exec")!, config.Child("cluster")!), _time);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
