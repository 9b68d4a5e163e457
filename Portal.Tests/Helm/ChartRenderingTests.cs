using Microsoft.Extensions.Configuration;
using Portal.Kubernetes.Selectors;
using Portal.Operator.Manifests;
using Portal.Tests.Helm.Chart;

namespace Portal.Tests.Helm;

/// <summary>Objects of the chart fit together.</summary>
public sealed class ChartRenderingTests
{
    [Theory]
    [MemberData(nameof(ChartValues.Sets), MemberType = typeof(ChartValues))]
    public void Render_EachSetOfValues_SelectorsFindThePods(string values)
    {
        var objects = HelmChart.Instance.Render(values);
        var deployments = objects.Where(item => Kind(item) == "Deployment").ToList();
        Assert.NotEmpty(deployments);
        Assert.All(deployments, deployment => Assert.Equal(deployment, Selected(deployments, deployment["spec"]!["selector"])));
        foreach (var item in objects)
        {
            switch (Kind(item))
            {
                case "Service":
                    var served = Selected(deployments, new JsonObject { ["matchLabels"] = item["spec"]!["selector"]!.DeepClone() });
                    Assert.Contains(Name(item), (string[])[Name(served), "genkit-portal-webhook"]);
                    Assert.All((JsonArray)item["spec"]!["ports"]!, port => Assert.Contains((string)port!["targetPort"]!, Ports(served)));
                    break;
                case "PodDisruptionBudget":
                    Assert.Equal(Name(Selected(deployments, item["spec"]!["selector"])), Name(item));
                    break;
                case "NetworkPolicy":
                    var guarded = Selected(deployments, item["spec"]!["podSelector"]);
                    Assert.Equal(Name(guarded), Name(item));
                    Assert.Equal(Ports(guarded), ((JsonArray)item["spec"]!["ingress"]!).Select(rule => (string)rule!["ports"]![0]!["port"]!));
                    break;
                case "ServiceMonitor":
                    var scraped = objects.Where(other => Kind(other) == "Service" && Selects(item["spec"]!["selector"], other)
                        && ((JsonArray)other["spec"]!["ports"]!).Any(port => (string)port!["name"]! == (string)item["spec"]!["endpoints"]![0]!["port"]!));
                    Assert.Equal(deployments.Select(Name).Order(), scraped.Select(Name).Order());
                    break;
                case "MutatingWebhookConfiguration" or "ValidatingWebhookConfiguration":
                    var asked = item["webhooks"]![0]!["clientConfig"]!["service"]!;
                    Assert.Contains(objects, other => Kind(other) == "Service" && Name(other) == (string)asked["name"]! && (int)(long)other["spec"]!["ports"]![0]!["port"]! == (int)(long)asked["port"]!);
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
        string[] outside = ["mine", "company-login", "usage", "pull", "more", .. objects.Where(item => Kind(item) == "Certificate").Select(item => (string)item["spec"]!["secretName"]!)];
        void Exists(string kind, JsonNode? name) =>
            Assert.True(outside.Contains((string)name!) || objects.Any(item => Kind(item) == kind && Name(item) == (string)name!), $"there is no {kind} {name}");

        foreach (var pod in objects.Where(item => Kind(item) == "Deployment").Select(item => item["spec"]!["template"]!["spec"]!))
        {
            Exists("ServiceAccount", pod["serviceAccountName"]);
            foreach (var volume in (JsonArray)pod["volumes"]!)
            {
                Exists("PersistentVolumeClaim", volume!["persistentVolumeClaim"]?["claimName"] ?? "mine");
                Exists("Secret", volume["secret"]?["secretName"] ?? "mine");
            }

            var volumes = ((JsonArray)pod["volumes"]!).Select(volume => (string)volume!["name"]!).ToList();
            Assert.Equal(volumes.Order(), ((JsonArray)pod["containers"]![0]!["volumeMounts"]!).Select(mount => (string)mount!["name"]!).Order());
            var variables = ((JsonArray)pod["containers"]![0]!["env"]!).Select(variable => (string)variable!["name"]!).ToList();
            Assert.Equal(variables.Distinct(), variables);
        }

        foreach (var binding in objects.Where(item => Kind(item).EndsWith("Binding", StringComparison.Ordinal)))
        {
            Exists((string)binding["roleRef"]!["kind"]!, binding["roleRef"]!["name"]);
            Exists("ServiceAccount", binding["subjects"]![0]!["name"]);
        }
    }

    [Fact]
    public void Render_Namespaced_GrantsNothingClusterWide()
    {
        var objects = HelmChart.Instance.Render(ChartValues.Namespaced);

        Assert.DoesNotContain(objects, item => Kind(item) is "ClusterRole" or "ClusterRoleBinding");
        Assert.Equal(["genkit-portal", "shop", "team-a"], objects.Where(item => Kind(item) == "Role").Select(item => (string)item["metadata"]!["namespace"]!).Order());
        Assert.DoesNotContain(objects, item => Kind(item) is "PersistentVolumeClaim" or "Ingress");
    }

    [Fact]
    public void Render_Webhook_IsWhatTheOperatorIsWrittenFor()
    {
        var rendered = HelmChart.Instance.Render();
        foreach (var wanted in WebhookManifests.All.Values.SelectMany(items => items))
        {
            var made = rendered.Single(item => Kind(item) == Kind(wanted) && Name(item) == Name(wanted));

            foreach (var part in (string[])["webhooks", "rules", "roleRef", "subjects"])
            {
                Assert.Equal(Sorted(wanted[part]), Sorted(made[part]));
            }

            Assert.Equal(Sorted(wanted["spec"]?["ports"]), Sorted(made["spec"]?["ports"]));
        }
    }

    private static string Sorted(JsonNode? node) => node switch
    {
        JsonObject map => "{" + string.Join(',', map.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}:{Sorted(field.Value)}")) + "}",
        JsonArray list => "[" + string.Join(',', list.Select(Sorted)) + "]",
        _ => node?.ToJsonString() ?? "null",
    };

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
            foreach (var deployment in HelmChart.Instance.Render(values).Where(item => Kind(item) == "Deployment"))
            {
                var settings = ((JsonArray)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!).ToDictionary(
                    variable => ((string)variable!["name"]!).Replace("__", ":", StringComparison.Ordinal),
                    variable => variable!["value"] is { } value ? value.ToString().StartsWith("/etc/genkit-portal/", StringComparison.Ordinal) ? secret : value.ToString() : "from a secret");

                var options = PortalOptionsValidator.Read(new ConfigurationBuilder().AddInMemoryCollection(settings!).Build());

                Assert.Equal((8081, "incluster"), (options.ManagementPort, options.Cluster.Mode));
                Assert.False(options.Role != ProcessRole.Portal && options.Operator.InstallDefinitions);
                Assert.Equal(Name(deployment).EndsWith("-operator", StringComparison.Ordinal), options.Role == ProcessRole.Operator);
            }
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
        foreach (var pod in HelmChart.Instance.Render("operator: {separate: true}").Where(item => Kind(item) == "Deployment").Select(item => item["spec"]!["template"]!["spec"]!))
        {
            CheckRestricted(pod);
        }
    }

    private static void CheckRestricted(JsonNode pod)
    {
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

    [Theory]
    [InlineData("{}", "")]
    [InlineData("image: {registry: registry.example.com}", "registry.example.com/")]
    public void Render_RunnerImage_IsTheProjectsOwnOfTheSameRegistry(string values, string registry)
    {
        var container = HelmChart.Instance.Render(values).Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;

        Assert.Equal(
            $"{registry}{RunnerImage.Name}:0.1.0",
            (string?)((JsonArray)container["env"]!).Single(variable => (string)variable!["name"]! == "Portal__Admission__RunnerImage")!["value"]);
        Assert.Equal($"{registry}genkit-portal/portal:0.1.0", (string?)container["image"]);
    }

    [Fact]
    public void Render_WithoutSignIn_ListensOnLoopbackAndServesNoPages()
    {
        var objects = HelmChart.Instance.Render();
        var container = objects.Single(item => Kind(item) == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;

        Assert.Equal("http://127.0.0.1:8080", (string?)((JsonArray)container["env"]!).Single(variable => (string)variable!["name"]! == "ASPNETCORE_URLS")!["value"]);
        Assert.Equal(["management", "webhook"], Ports(objects.Single(item => Kind(item) == "Deployment")));
        Assert.Contains("port-forward deployment/genkit-portal", HelmChart.Instance.RenderNotes(), StringComparison.Ordinal);
        Assert.Contains("Open https://portal.example.com", HelmChart.Instance.RenderNotes(ChartValues.Everything), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_DatabaseSecret_IsReadAsAFileByEveryPodAndTakesTheVolumesPlace()
    {
        var objects = HelmChart.Instance.Render(ChartValues.Shared);
        var spec = objects.Single(item => Kind(item) == "Deployment")["spec"]!;
        var (pod, container) = (spec["template"]!["spec"]!, spec["template"]!["spec"]!["containers"]![0]!);
        var variables = ((JsonArray)container["env"]!).ToDictionary(variable => (string)variable!["name"]!, variable => variable!["value"]?.ToString());
        var database = ((JsonArray)pod["volumes"]!).Single(volume => (string)volume!["name"]! == "database")!["secret"]!;
        var mount = ((JsonArray)container["volumeMounts"]!).Single(item => (string)item!["name"]! == "database")!;

        Assert.Equal((2, "RollingUpdate"), ((int)(long)spec["replicas"]!, (string?)spec["strategy"]!["type"]));
        Assert.Equal("postgres", variables["Portal__Database__Provider"]);
        Assert.Equal($"{mount["mountPath"]}/{database["items"]![0]!["path"]}", variables["Portal__Database__ConnectionStringFile"]);
        Assert.Equal(("mine", "url"), ((string?)database["secretName"], (string?)database["items"]![0]!["key"]));
        Assert.DoesNotContain("Portal__Database__ConnectionString", variables.Keys);
        Assert.DoesNotContain(objects, item => Kind(item) == "PersistentVolumeClaim");
        Assert.Equal("ClientIP", (string?)objects.Single(item => Kind(item) == "Service" && Name(item) == "genkit-portal")["spec"]!["sessionAffinity"]);
    }

    private static string Kind(JsonNode item) => (string)item["kind"]!;

    private static string Name(JsonNode item) => (string)item["metadata"]!["name"]!;

    private static IEnumerable<string> Ports(JsonNode deployment) =>
        ((JsonArray)deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["ports"]!).Select(port => (string)port!["name"]!);

    private static JsonObject Selected(IEnumerable<JsonObject> deployments, JsonNode? selector) =>
        deployments.Single(deployment => Selects(selector, (JsonObject)deployment["spec"]!["template"]!));

    private static bool Selects(JsonNode? selector, JsonObject target) => LabelSelector.FromJson((JsonObject)selector!).Matches(target);
}
