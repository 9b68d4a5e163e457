using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.Resources;

/// <summary>Routes, network policies, disruption budgets and autoscalers, as kubectl and the API see them.</summary>
public sealed class TrafficKindsTests(KubectlFixture kubectl) : IClassFixture<KubectlFixture>
{
    private static readonly ResourceDefinition s_claims = new("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", true);

    [Theory]
    [InlineData("pdb", """{"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"b"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"a":"b"}}}}""",
        "NAME MIN AVAILABLE MAX UNAVAILABLE ALLOWED DISRUPTIONS AGE", "b N/A 1 0")]
    [InlineData("hpa", """{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}""",
        "NAME REFERENCE TARGETS MINPODS MAXPODS REPLICAS AGE", "h Deployment/d cpu: <unknown>/80% 1 5 0")]
    [InlineData("ing", """
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"i"},"spec":{"tls":[{"hosts":["a.example.org"]}],"rules":[
         {"host":"a.example.org","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"name":"http"}}}}]}}]}}
        """, "NAME CLASS HOSTS ADDRESS PORTS AGE", "i <none> a.example.org 80, 443")]
    [InlineData("ingressclass", """{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"c"},"spec":{"controller":"example.org/c","parameters":{"kind":"ConfigMap","name":"p"}}}""",
        "NAME CONTROLLER PARAMETERS AGE", "c example.org/c ConfigMap/p")]
    [InlineData("netpol", """
        {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"n"},"spec":{"podSelector":{"matchLabels":{"a":"b"},"matchExpressions":[{"key":"k","operator":"In","values":["x","y"]}]},
         "egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":53,"protocol":"UDP"}]}]}}
        """, "NAME POD-SELECTOR AGE", "n a=b,k in (x,y)")]
    [InlineData("pvc", """{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"fast","resources":{"requests":{"storage":"5Gi"}}}}""",
        "NAME STATUS VOLUME CAPACITY ACCESS MODES STORAGECLASS AGE", "c Pending fast")]
    public async Task Get_OfEachKind_PrintsItsColumns(string resource, string json, string header, string row)
    {
        await ApplyAsync(json);
        var lines = (await kubectl.OkAsync($"get {resource}")).Split('\n');

        Assert.Equal(header, Words(lines[0]));
        Assert.Contains(lines, line => Words(line).StartsWith(row + " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Apply_AutoscalerWithBehavior_GetsTheDefaultsOfBothDirections()
    {
        var stored = await ApplyAsync("""
            {"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"behaves"},"spec":{"maxReplicas":5,"behavior":{"scaleDown":{"stabilizationWindowSeconds":60}},
             "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}}
            """);

        var behavior = stored.Json["spec"]!["behavior"]!;
        Assert.Equal(60, behavior["scaleDown"]!["stabilizationWindowSeconds"]!.GetValue<int>());
        Assert.Equal("Percent", behavior["scaleDown"]!["policies"]![0]!["type"]!.ToString());
        Assert.Equal(0, behavior["scaleUp"]!["stabilizationWindowSeconds"]!.GetValue<int>());
        Assert.Equal(2, ((JsonArray)behavior["scaleUp"]!["policies"]!).Count);
    }

    [Fact]
    public async Task Apply_PolicyWithEgress_IsAboutBothDirections()
    {
        var stored = await ApplyAsync("""
            {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"both"},"spec":{"egress":[{"ports":[{"port":443}]}]}}
            """);

        Assert.Equal("""["Ingress","Egress"]""", stored.Json["spec"]!["policyTypes"]!.ToJsonString());
        Assert.Equal("{}", stored.Json["spec"]!["podSelector"]!.ToJsonString());
        Assert.Equal("TCP", stored.Json["spec"]!["egress"]![0]!["ports"]![0]!["protocol"]!.ToString());
    }

    [Theory]
    [InlineData("policy/v1", "PodDisruptionBudget", """{"minAvailable":1,"maxUnavailable":1}""", "minAvailable and maxUnavailable cannot be both set")]
    [InlineData("policy/v1", "PodDisruptionBudget", """{"minAvailable":"half"}""", "spec.minAvailable: Invalid value: \"half\"")]
    [InlineData("policy/v1", "PodDisruptionBudget", """{"maxUnavailable":"101%"}""", "must not be greater than 100%")]
    [InlineData("policy/v1", "PodDisruptionBudget", """{"maxUnavailable":1,"unhealthyPodEvictionPolicy":"Never"}""", "spec.unhealthyPodEvictionPolicy: Unsupported value: \"Never\"")]
    [InlineData("autoscaling/v2", "HorizontalPodAutoscaler", """{"maxReplicas":1,"minReplicas":2,"scaleTargetRef":{"kind":"Deployment","name":"d"}}""", "must be greater than or equal to `minReplicas`")]
    [InlineData("autoscaling/v2", "HorizontalPodAutoscaler", """{"maxReplicas":1,"minReplicas":0,"scaleTargetRef":{"kind":"Deployment","name":"d"}}""", "spec.minReplicas: Invalid value: 0")]
    [InlineData("autoscaling/v2", "HorizontalPodAutoscaler", """{"maxReplicas":1,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Pods"}]}""", "spec.metrics[0].pods: Required value")]
    [InlineData("autoscaling/v2", "HorizontalPodAutoscaler", """{"maxReplicas":1,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Cpu"}]}""", "spec.metrics[0].type: Unsupported value: \"Cpu\"")]
    [InlineData("v1", "PersistentVolumeClaim", """{"accessModes":["ReadWriteOnce"]}""", "spec.resources[storage]: Required value")]
    [InlineData("v1", "PersistentVolumeClaim", """{"accessModes":["RWO"],"resources":{"requests":{"storage":"1Gi"}}}""", "spec.accessModes: Unsupported value: \"RWO\"")]
    [InlineData("networking.k8s.io/v1", "Ingress", "{}", "either `defaultBackend` or `rules` must be specified")]
    [InlineData("networking.k8s.io/v1", "Ingress", """{"defaultBackend":{"service":{"name":"s"}}}""", "port name or number is required")]
    [InlineData("networking.k8s.io/v1", "Ingress", """{"rules":[{"host":"Not_Good","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}""", "spec.rules[0].host: Invalid value")]
    [InlineData("networking.k8s.io/v1", "Ingress", """{"rules":[{"http":{"paths":[{"path":"x","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}""", "spec.rules[0].http.paths[0].path: Invalid value: \"x\"")]
    [InlineData("networking.k8s.io/v1", "IngressClass", """{"controller":"plain"}""", "spec.controller: Invalid value: \"plain\"")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", """{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/40"}}]}]}""", "spec.ingress[0].from[0].ipBlock.cidr: Invalid value")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", """{"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16"]}}]}]}""", "strict subset of `cidr`")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", """{"ingress":[{"ports":[{"port":10,"endPort":5}]}]}""", "spec.ingress[0].ports[0].endPort: Invalid value")]
    [InlineData("networking.k8s.io/v1", "NetworkPolicy", """{"policyTypes":["In"]}""", "spec.policyTypes: Unsupported value: \"In\"")]
    public async Task Apply_Mistake_IsRefusedWithItsField(string apiVersion, string kind, string spec, string message)
    {
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => ApplyAsync(new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "wrong" },
            ["spec"] = JsonNode.Parse(spec),
        }.ToJsonString()));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_UnknownField_IsAStrictError()
    {
        var refused = await Assert.ThrowsAsync<KubernetesException>(() => ApplyAsync("""
            {"apiVersion":"policy/v1","kind":"PodDisruptionBudget","metadata":{"name":"wrong"},"spec":{"maxUnavailble":1}}
            """));

        Assert.Contains("maxUnavailble", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hpa.spec.metrics.resource.target.averageUtilization")]
    [InlineData("ingress.spec.rules.http.paths.backend.service.port.number")]
    [InlineData("networkpolicy.spec.ingress.from.ipBlock.cidr")]
    [InlineData("pdb.spec.unhealthyPodEvictionPolicy")]
    [InlineData("ingressclass.spec.parameters.scope")]
    public async Task Explain_OfAField_DescribesIt(string field) =>
        Assert.Contains("DESCRIPTION:", await kubectl.OkAsync($"explain {field}"), StringComparison.Ordinal);

    private async Task<KubeObject> ApplyAsync(string json)
    {
        var target = (JsonObject)JsonNode.Parse(json)!;
        var definition = ((ResourceDefinition[])[BuiltIn.PodDisruptionBudget, BuiltIn.HorizontalPodAutoscaler, BuiltIn.Ingress, BuiltIn.IngressClass, BuiltIn.NetworkPolicy, s_claims])
            .Single(known => known.Kind == target["kind"]!.ToString());
        if (definition.Namespaced)
        {
            target["metadata"]!["namespace"] = "default";
        }

        return await new KubeClient(kubectl.Api.Server.Connection).Resource(definition).ApplyAsync(new KubeObject(target), new WriteOptions { Manager = new FieldManager("test") }, CancellationToken.None);
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
