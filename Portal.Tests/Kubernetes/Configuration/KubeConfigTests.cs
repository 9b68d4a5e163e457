using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Configuration;

namespace Portal.Tests.Kubernetes.Configuration;

public sealed class KubeConfigTests : IDisposable
{
    private const string Clusters = """
        clusters:
        - name: c
          cluster: { server: "https://127.0.0.1:6443" }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kubeconfig").FullName;

    public static TheoryData<string, string, string> Faults => new()
    {
        { "a: [s3cret", "config, line 2: this is not valid YAML.", "YAML" },
        { "- a", "config: this is not a kubeconfig", "a list" },
        { "", "config: current-context: is missing, and no context is chosen; there is none.", "empty" },
        { "current-context: x", "config: contexts: there is no context 'x'; there is none.", "no context" },
        { "contexts: {a: b}", "config, line 1: contexts: must be a list.", "contexts no list" },
        { "contexts: [{context: {}}]", "config, line 1: contexts[0].name: is missing.", "context without name" },
        { "contexts: [{name: x, context: {cluster: nope}}]", "config, line 1: contexts[0].context.cluster: there is no cluster 'nope'.", "no cluster" },
        { Clusters + "\ncontexts: [{name: x, context: {cluster: c, user: u}}]", "config, line 4: contexts[0].context.user: there is no user 'u'.", "no user" },
        { One("server: ftp://x"), "clusters[0].cluster.server: must be a URL", "scheme" },
        { One("server: [1]"), "clusters[0].cluster.server: must be a text.", "server no text" },
        { One("certificate-authority: gone.pem"), "clusters[0].cluster.certificate-authority: cannot be read: Could not find file", "no CA file" },
        { One("server: https://x, certificate-authority-data: '%%'"), "clusters[0].cluster.certificate-authority-data: is not valid base64.", "CA base64" },
        { One("server: https://x, certificate-authority-data: aGVsbG8="), "clusters[0].cluster.certificate-authority-data: holds no PEM certificate.", "CA PEM" },
        { One("server: https://x, insecure-skip-tls-verify: maybe"), "insecure-skip-tls-verify: must be true or false.", "flag" },
        { One("server: https://x", "client-key-data: aGVsbG8="), "users[0].user.client-certificate-data: is missing", "key alone" },
        { One("server: https://x", "client-certificate-data: aGVsbG8=, client-key-data: aGVsbG8="), "users[0].user.client-certificate-data: does not go with", "not PEM" },
        { One("server: https://x", "tokenFile: gone"), "users[0].user.tokenFile: cannot be read", "no token file" },
        { One("server: https://x", "auth-provider: {name: gcp}"), "users[0].user.auth-provider: is no longer supported", "auth-provider" },
        { One("server: https://x", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}"), "users[0].user.exec.apiVersion: must be", "exec version" },
        { One("server: https://x", "exec: {apiVersion: client.authentication.k8s.io/v1}"), "users[0].user.exec.command: is missing.", "exec command" },
        { One("server: https://x", "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}"), "interactiveMode: is Always", "exec terminal" },
        { One("server: https://x", "as-groups: [a]"), "users[0].user.as: is missing", "groups of nobody" },
        { One("server: https://x, proxy-url: 'ftp://me:s3cret@x'"), "clusters[0].cluster.proxy-url: must be a URL", "proxy scheme" },
        { One("server: http://example.test", "token: s3cret"), "has no TLS", "token in the clear" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void FromKubeConfig_Fault_IsOneLineNamingFileAndField(string text, string expected, string title)
    {
        var message = Assert.Throws<KubeConfigException>(() => Connect(text)).Message;
        Assert.True(message.Contains(expected, StringComparison.Ordinal), $"{title}: {message}");
        Assert.DoesNotContain('\n', message);
        Assert.Contains(_folder, message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromKubeConfig_CurrentContext_GivesServerAndNamespace()
    {
        var connection = Connect(Clusters + """

            contexts:
            - name: other
              context: { cluster: gone }
            - name: mine
              context: { cluster: c, namespace: team }
            current-context: mine
            """);
        Assert.Equal(("https://127.0.0.1:6443/", "team", "mine"), (connection.Server.ToString(), connection.DefaultNamespace, connection.Description));
    }

    [Fact]
    public void FromKubeConfig_JsonFile_IsRead() =>
        Assert.Equal("default", Connect("""{"clusters":[{"name":"c","cluster":{"server":"http://localhost:1"}}],"contexts":[{"name":"x","context":{"cluster":"c"}}]}""").DefaultNamespace);

    [Fact]
    public void Load_SeveralFiles_FirstEntryAndFirstCurrentContextCount()
    {
        var first = Write("first", "contexts: [{name: a, context: {cluster: c, namespace: one}}]\ncurrent-context: b");
        var second = Write("second", Clusters + "\ncontexts: [{name: a, context: {cluster: c, namespace: two}}, {name: b, context: {cluster: c}}]\ncurrent-context: a");
        var config = KubeConfig.Load(null, Environment($"{first}:{_folder}/missing:{second}"));
        Assert.Equal("b", config.CurrentContext);
        Assert.Equal(["a", "b"], config.ContextNames);
        Assert.Equal("one", KubeConnectionFactory.FromKubeConfig(config, "a", TimeProvider.System).DefaultNamespace);
    }

    [Fact]
    public void Load_NoFile_SaysWhereItLooked()
    {
        Assert.Equal(
            $"There is no kubeconfig at {_folder}/.kube/config.",
            Assert.Throws<KubeConfigException>(() => KubeConfig.Load(null, Environment(null))).Message);
        Assert.Contains("(from KUBECONFIG)", Assert.Throws<KubeConfigException>(() => KubeConfig.Load(null, Environment("/nowhere"))).Message, StringComparison.Ordinal);
        Assert.Contains("/nowhere/config", Assert.Throws<KubeConfigException>(() => KubeConfig.Load("/nowhere/config")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromKubeConfig_CertificatesInFilesBesideIt_AreRead()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=me", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Write("me.pem", certificate.ExportCertificatePem());
        Write("me.key", key.ExportPkcs8PrivateKeyPem());
        var data = Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem()));
        var connection = Connect(One($"server: https://x, certificate-authority-data: {data}", "client-certificate: me.pem, client-key: ./me.key"));
        Assert.Equal("https", connection.Server.Scheme);
    }

    [Fact]
    public void InCluster_OutsideAPod_SaysSo() => Assert.Contains(
        "does not run in a cluster",
        Assert.Throws<KubeConfigException>(() => KubeConnectionFactory.InCluster(TimeProvider.System, _ => null, _folder)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void InCluster_MountMissing_NamesTheFile() => Assert.Contains(
        $"{_folder}/ca.crt",
        Assert.Throws<KubeConfigException>(() => KubeConnectionFactory.InCluster(TimeProvider.System, _ => "10", _folder)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void InCluster_Ipv6_IsBracketedAndNamespaceRead()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var ca = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Write("ca.crt", ca.ExportCertificatePem());
        Write("token", "t");
        Write("namespace", "genkit\n");
        var connection = KubeConnectionFactory.InCluster(TimeProvider.System, name => name == "KUBERNETES_SERVICE_HOST" ? "fd00::1" : "443", _folder);
        Assert.Equal(("https://[fd00::1]/", "genkit"), (connection.Server.ToString(), connection.DefaultNamespace));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string One(string cluster, string? user = null)
    {
        var server = cluster.Contains("server:", StringComparison.Ordinal) ? "" : "server: https://x, ";
        var owner = user is null ? "" : ", user: u";
        return $$"""
            current-context: x
            contexts: [{name: x, context: {cluster: c{{owner}} } }]
            clusters: [{name: c, cluster: { {{server}}{{cluster}} } }]
            users: [{name: u, user: { {{user}} } }]
            """;
    }

    private KubeConnection Connect(string text) => KubeConnectionFactory.FromKubeConfig(Write("config", text), null, TimeProvider.System);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private Func<string, string?> Environment(string? kubeconfig) => name => name switch
    {
        "KUBECONFIG" => kubeconfig,
        "HOME" => _folder,
        _ => null,
    };
}
