using Microsoft.Extensions.Configuration;
using Portal.Kubernetes.Selectors;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Helm.Template;

namespace Portal.Tests.Helm;

/// <summary>Objects of the chart fit together.</summary>
public sealed class ChartRenderingTests
{
    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public void Render_EachSetOfValues_SelectorsFindThePods(string values)
    {
        var objects = HelmChart.Instance.Render(values);
        var deployment = objects.Single(item => Kind(item) == "Deployment");
        var pod = (JsonObject)deployment["spec"]!["template"]!;
        var ports = Ports(deployment).Select(port => (string)port["name"]!).ToList();

        Assert.True(Selects(deployment["spec"]!["selector"], pod));
        foreach (var item in objects)
        {
            switch (Kind(item))
            {
                case "Service":
                    Assert.True(Selects(new JsonObject { ["matchLabels"] = item["spec"]!["selector"]!.DeepClone() }, pod));
                    Assert.All((JsonArray)item["spec"]!["ports"]!, port => Assert.Contains((string)port!["targetPort"]!, ports));
                    break;
                case "PodDisruptionBudget":
                    Assert.True(Selects(item["spec"]!["selector"], pod));
                    break;
                case "NetworkPolicy":
                    Assert.True(Selects(item["spec"]!["podSelector"], pod));
                    Assert.All(((JsonArray)item["spec"]!["ingress"]!).SelectMany(rule => (JsonArray)rule!["ports"]!), port => Assert.Contains((string)port!["port"]!, ports));
                    break;
                case "ServiceMonitor":
                    var service = objects.Single(other => Kind(other) == "Service");
                    Assert.True(Selects(item["spec"]!["selector"], service));
                    Assert.Contains((JsonArray)service["spec"]!["ports"]!, port => (string)port!["name"]! == (string)item["spec"]!["endpoints"]![0]!["port"]!);
                    break;
                case "Ingress":
                    var backend = item["spec"]!["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!;
                    var target = objects.Single(other => Kind(other) == "Service" && Name(other) == (string)backend["name"]!);
                    Assert.Contains((JsonArray)target["spec"]!["ports"]!, port => (string)port!["name"]! == (string)backend["port"]!["name"]!);
                    break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public void Render_EachSetOfValues_ReferencesResolve(string values)
    {
        var objects = HelmChart.Instance.Render(values);
        var pod = objects.Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!;
        string[] outside = ["mine", "company-login", "usage", "pull", "more"];
        void Exists(string kind, JsonNode? name) =>
            Assert.True(outside.Contains((string)name!) || objects.Any(item => Kind(item) == kind && Name(item) == (string)name!), $"there is no {kind} {name}");

        Exists("ServiceAccount", pod["serviceAccountName"]);
        foreach (var volume in (JsonArray)pod["volumes"]!)
        {
            Exists("PersistentVolumeClaim", volume!["persistentVolumeClaim"]?["claimName"] ?? "mine");
            Exists("Secret", volume["secret"]?["secretName"] ?? "mine");
        }

        var volumes = ((JsonArray)pod["volumes"]!).Select(volume => (string)volume!["name"]!).ToList();
        Assert.Equal(volumes.Order(), ((JsonArray)pod["containers"]![0]!["volumeMounts"]!).Select(mount => (string)mount!["name"]!).Order());
        foreach (var binding in objects.Where(item => Kind(item).EndsWith("Binding", StringComparison.Ordinal)))
        {
            Exists((string)binding["roleRef"]!["kind"]!, binding["roleRef"]!["name"]);
            Exists("ServiceAccount", binding["subjects"]![0]!["name"]);
        }
    }

    [Fact]
    public void Render_TwoReleases_ShareNoName()
    {
        static IEnumerable<string> Keys(IEnumerable<JsonObject> objects) =>
            objects.Select(item => $"{Kind(item)} {item["metadata"]!["namespace"]} {Name(item)}");

        var first = Keys(HelmChart.Instance.Render(ChartValues.Everything, "blue", "tools")).ToList();
        var second = Keys(HelmChart.Instance.Render(ChartValues.Everything + "\ncrds: {install: false}", "green", "tools"));

        Assert.Equal(first.Count, first.Distinct().Count());
        Assert.Empty(first.Intersect(second));
    }

    [Theory]
    [InlineData("genkit-portal", "genkit-portal")]
    [InlineData("prod", "prod-genkit-portal")]
    [InlineData("a-name-of-a-release-with-fifty-three-characters-in-it", "a-name-of-a-release-with-fifty-three-cha")]
    public void Render_Release_NamesTheObjects(string release, string expected) =>
        Assert.Equal(expected, Name(HelmChart.Instance.Render(release: release).Single(item => Kind(item) == "Deployment")));

    [Fact]
    public void Render_Definitions_AreKeptUnlessAskedNotTo()
    {
        var kept = HelmChart.Instance.Render().Where(item => Kind(item) == "CustomResourceDefinition").ToList();
        var loose = HelmChart.Instance.Render("crds: {keep: false}").Where(item => Kind(item) == "CustomResourceDefinition");

        Assert.Equal(8, kept.Count);
        Assert.All(kept, item => Assert.Equal("keep", (string?)item["metadata"]!["annotations"]!["helm.sh/resource-policy"]));
        Assert.All(loose, item => Assert.Null(item["metadata"]!["annotations"]));
        Assert.DoesNotContain(HelmChart.Instance.Render("crds: {install: false}"), item => Kind(item) == "CustomResourceDefinition");
    }

    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public void Render_Variables_AreOptionsOfThePortal(string values)
    {
        var secret = Path.GetTempFileName();
        try
        {
            File.WriteAllText(secret, "secret");
            var container = HelmChart.Instance.Render(values).Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;
            var settings = ((JsonArray)container["env"]!).ToDictionary(
                variable => ((string)variable!["name"]!).Replace("__", ":", StringComparison.Ordinal),
                variable => variable!["value"] is { } value ? value.ToString().StartsWith("/etc/genkit-portal/", StringComparison.Ordinal) ? secret : value.ToString() : "from a secret");
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings!).Build();

            var options = PortalOptionsValidator.Read(configuration);

            Assert.Equal(("/data", 8081, false), (options.DataDirectory, options.ManagementPort, options.Operator.InstallDefinitions));
        }
        finally
        {
            File.Delete(secret);
        }
    }

    /// <summary>https://kubernetes.io/docs/concepts/security/pod-security-standards/, profile restricted.</summary>
    [Fact]
    public void Render_Pods_FitTheRestrictedStandard()
    {
        var pod = HelmChart.Instance.Render().Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!;
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
        Assert.NotEqual("0", pod["securityContext"]!["runAsUser"]!.ToJsonString());
        foreach (var container in (JsonArray)pod["containers"]!)
        {
            var context = container!["securityContext"]!;
            Assert.False((bool)context["allowPrivilegeEscalation"]!);
            Assert.True((bool)context["readOnlyRootFilesystem"]!);
            Assert.Equal("""["ALL"]""", context["capabilities"]!["drop"]!.ToJsonString());
        }

        Assert.All((JsonArray)pod["volumes"]!, volume => Assert.Contains(((JsonObject)volume!).Single(field => field.Key != "name").Key, s_allowedVolumes));
    }

    private static readonly string[] s_allowedVolumes = ["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"];

    [Fact]
    public void Render_WithoutSignIn_ListensOnLoopbackAndServesNoPages()
    {
        var objects = HelmChart.Instance.Render();
        var container = objects.Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;

        Assert.Equal("http://127.0.0.1:8080", (string?)((JsonArray)container["env"]!).Single(variable => (string)variable!["name"]! == "ASPNETCORE_URLS")!["value"]);
        Assert.Equal(["management"], Ports(objects.Single(item => Kind(item) == "Deployment")).Select(port => (string)port["name"]!));
        Assert.Contains("port-forward deployment/genkit-portal", HelmChart.Instance.RenderNotes(), StringComparison.Ordinal);
        Assert.Contains("Open https://portal.example.com", HelmChart.Instance.RenderNotes(ChartValues.Everything), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ingress: {enabled: true}", "ingress.enabled needs a sign-in")]
    [InlineData("auth: {oidc: {a: {authority: https://a.example, clientId: b}}}", "auth.publicUrl is needed")]
    [InlineData("auth: {roles: [{group: g, role: Admin, namespaces: ['*']}]}", "auth.roles needs a sign-in")]
    [InlineData("persistence: {enabled: false, existingClaim: mine}", "persistence.existingClaim is set")]
    [InlineData("serviceAccount: {create: false}", "serviceAccount.name is needed")]
    [InlineData("ingres: {enabled: true}", ".ingres: there is no such value")]
    [InlineData("ingress: {enable: true}", ".ingress.enable: there is no such value")]
    [InlineData("ingress: {enabled: 'yes'}", ".ingress.enabled: must be boolean")]
    [InlineData("image: {pullPolicy: Sometimes}", ".image.pullPolicy: must be one of")]
    [InlineData("image: {digest: abc}", ".image.digest: \"abc\" does not match")]
    [InlineData("service: {port: 70000}", ".service.port: 70000 is out of range")]
    [InlineData("persistence: {size: 5}", ".persistence.size: must be string")]
    [InlineData("persistence: {size: large}", ".persistence.size: \"large\" does not match")]
    [InlineData("auth: {publicUrl: portal.example.com}", ".auth.publicUrl: \"portal.example.com\" does not match")]
    [InlineData("auth: {oidc: {a: {clientId: b}}}", ".auth.oidc.a: authority is required")]
    [InlineData("auth: {oidc: {A: {authority: https://a.example, clientId: b}}}", ".auth.oidc.A: there is no such value")]
    [InlineData("auth: {oidc: {a: {authority: https://a.example, clientId: b, clientSecret: secret}}}", ".auth.oidc.a.clientSecret: must be object")]
    [InlineData("auth: {roles: [{group: g, role: Boss, namespaces: ['*']}]}", ".auth.roles[0].role: must be one of")]
    [InlineData("usage: {retentionDays: 0}", ".usage.retentionDays: 0 is out of range")]
    [InlineData("podDisruptionBudget: {maxUnavailable: 2}", ".podDisruptionBudget.maxUnavailable: 2 is out of range")]
    [InlineData("logLevel: Loud", ".logLevel: must be one of")]
    public void Render_Mistake_IsRefusedByName(string values, string expected) =>
        Assert.Contains(expected, Assert.Throws<TemplateException>(() => HelmChart.Instance.Render(values)).Message, StringComparison.Ordinal);

    private static string Kind(JsonNode item) => (string)item["kind"]!;

    private static string Name(JsonNode item) => (string)item["metadata"]!["name"]!;

    private static IEnumerable<JsonNode> Ports(JsonObject deployment) => ((JsonArray)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]!)!;

    private static bool Selects(JsonNode? selector, JsonObject target) => LabelSelector.FromJson((JsonObject)selector!).Matches(target);
}
