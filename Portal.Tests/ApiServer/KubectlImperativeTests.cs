namespace Portal.Tests.ApiServer;

/// <summary>The commands of kubectl that post protobuf, done with the real one.</summary>
public sealed class KubectlImperativeTests(KubectlFixture kubectl) : IClassFixture<KubectlFixture>
{
    [Theory]
    [InlineData("configmap settings --from-literal=a=1 --from-literal=b=two", "cm settings", "{.data.a},{.data.b}", "1,two")]
    [InlineData("secret generic login --from-literal=user=ann", "secret login", "{.type},{.data.user}", "Opaque,YW5u")]
    [InlineData("secret docker-registry pull --docker-server=example.org --docker-username=u --docker-password=p", "secret pull", "{.type}", "kubernetes.io/dockerconfigjson")]
    [InlineData("namespace team", "ns team", "{.status.phase}", "Active")]
    [InlineData("serviceaccount bot", "sa bot", "{.metadata.name}", "bot")]
    [InlineData("deployment web --image=example.org/web:1 --replicas=0 --port=80 -- serve", "deploy web",
        "{.spec.replicas},{.spec.selector.matchLabels.app},{.spec.template.spec.containers[0].image},{.spec.template.spec.containers[0].command[0]},{.spec.template.spec.containers[0].ports[0].containerPort}",
        "0,web,example.org/web:1,serve,80")]
    [InlineData("service clusterip front --tcp=80:8080", "svc front", "{.spec.type},{.spec.ports[0].port},{.spec.ports[0].targetPort},{.spec.selector.app}", "ClusterIP,80,8080,front")]
    [InlineData("service nodeport outer --tcp=80:http --node-port=30123", "svc outer", "{.spec.type},{.spec.ports[0].targetPort},{.spec.ports[0].nodePort}", "NodePort,http,30123")]
    [InlineData("job once --image=example.org/job:1", "job once", "{.spec.template.spec.restartPolicy},{.spec.template.spec.containers[0].name}", "Never,once")]
    [InlineData("cronjob nightly --image=example.org/job:1 --schedule=0_0_*_*_*", "cj nightly", "{.spec.schedule}", "0 0 * * *")]
    [InlineData("ingress web --class=outer --rule=web.example.org/api*=web:8080,tls=web-tls", "ing web",
        "{.spec.ingressClassName},{.spec.rules[0].host},{.spec.rules[0].http.paths[0].path},{.spec.rules[0].http.paths[0].pathType},{.spec.rules[0].http.paths[0].backend.service.port.number},{.spec.tls[0].secretName}",
        "outer,web.example.org,/api,Prefix,8080,web-tls")]
    [InlineData("poddisruptionbudget half --selector=app=web --min-available=50%", "pdb half", "{.spec.minAvailable},{.spec.selector.matchLabels.app}", "50%,web")]
    [InlineData("role reader --verb=get,list --resource=pods,deployments.apps", "role reader", "{.rules[0].verbs[1]},{.rules[0].apiGroups[0]},{.rules[1].apiGroups[0]}", "list,,apps")]
    [InlineData("rolebinding readers --role=reader --user=ann --serviceaccount=default:bot", "rolebinding readers", "{.roleRef.name},{.subjects[0].name},{.subjects[1].namespace}", "reader,ann,default")]
    [InlineData("clusterrole viewer --verb=get --non-resource-url=/healthz", "clusterrole viewer", "{.rules[0].nonResourceURLs[0]}", "/healthz")]
    [InlineData("clusterrole sum --aggregation-rule=a=b", "clusterrole sum", "{.aggregationRule.clusterRoleSelectors[0].matchLabels.a}", "b")]
    [InlineData("clusterrolebinding viewers --clusterrole=viewer --group=all", "clusterrolebinding viewers", "{.roleRef.kind},{.subjects[0].kind}", "ClusterRole,Group")]
    public async Task Create_OfEachKind_StoresWhatWasAsked(string create, string get, string path, string expected)
    {
        // An underscore stands for a blank inside one argument.
        var arguments = create.Split(' ').Select(argument => argument.Replace('_', ' '));
        var (exit, _, error) = await kubectl.RunAsync(["create", .. arguments]);

        Assert.True(exit == 0, error);
        Assert.Equal(expected, await kubectl.OkAsync($"get {get} -o jsonpath={path}"));
    }

    [Fact]
    public async Task CreateSecretTls_KeepsTheBytes()
    {
        var folder = Directory.CreateTempSubdirectory("tls-");
        try
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=test", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            var (cert, secret) = (Path.Combine(folder.FullName, "cert"), Path.Combine(folder.FullName, "key"));
            await File.WriteAllTextAsync(cert, certificate.ExportCertificatePem());
            await File.WriteAllTextAsync(secret, key.ExportPkcs8PrivateKeyPem());

            await kubectl.OkAsync($"create secret tls served --cert={cert} --key={secret}");

            var stored = await kubectl.OkAsync("get secret served -o jsonpath={.data.tls\\.crt}");
            Assert.Equal(await File.ReadAllBytesAsync(cert), Convert.FromBase64String(stored));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Create_Twice_IsAlreadyExists()
    {
        await kubectl.OkAsync("create configmap twice");
        var (exit, _, error) = await kubectl.RunAsync(["create", "configmap", "twice"]);

        Assert.Equal(1, exit);
        Assert.Contains("configmaps \"twice\" already exists", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateDryRunServer_StoresNothing()
    {
        await kubectl.OkAsync("create configmap trial --dry-run=server");

        Assert.Equal("", await kubectl.OkAsync("get cm trial --ignore-not-found"));
    }

    [Fact]
    public async Task Auth_AnswersWhoAndWhat()
    {
        Assert.Contains("yes", await kubectl.OkAsync("auth can-i create pods"), StringComparison.Ordinal);
        Assert.Contains("*.*", await kubectl.OkAsync("auth can-i --list"), StringComparison.Ordinal);
        Assert.Contains("system:masters", await kubectl.OkAsync("auth whoami"), StringComparison.Ordinal);
    }
}
