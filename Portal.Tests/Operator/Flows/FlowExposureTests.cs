using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Tests.Operator.Flows;

/// <summary>The children a spec may ask for beside Service and Deployment.</summary>
public class FlowExposureTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private static readonly WriteOptions s_autoscaler = new() { Manager = new FieldManager("kube-controller-manager") };

    [Theory]
    [InlineData("Flow", "", "web")]
    [InlineData("FlowSet", "flows: [{name: a, modelSpec: {provider: demo, model: m, pluginConfigRef: {name: pc}}, prompts: [{prompt: {name: p, content: x}}]}],", "set")]
    public async Task Reconcile_ChildrenAskedForAndNotAnyMore_ComeChangeAndGo(string kind, string flows, string name)
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync($$"""
            kind: {{kind}}
            metadata: {name: {{name}}}
            spec:
              { {{flows}} image: x, podDisruptionBudget: {minAvailable: 50%}, autoscaling: {maxReplicas: 4, targetMemoryUtilizationPercentage: 70},
                ingress: {host: a.example.test, ingressClassName: nginx, tlsSecretName: cert, annotations: {limit: '5'} } }
            """);

        var budget = await space.UntilAsync("PodDisruptionBudget", name, _ => true);
        Assert.Equal("50%", (string?)budget.Json["spec"]!["minAvailable"]);
        Assert.Equal((kind, name, true), (budget.ControllerOwner!.Kind, budget.ControllerOwner.Name, budget.ControllerOwner.Controller));
        Assert.Equal(name, (string?)budget.Json["spec"]!["selector"]!["matchLabels"]![$"genkit.dev/{kind.ToLowerInvariant()}"]);
        var autoscaler = (await space.UntilAsync("HorizontalPodAutoscaler", name, _ => true)).Json["spec"]!;
        Assert.Equal((1, 4, "memory"), ((int)autoscaler["minReplicas"]!, (int)autoscaler["maxReplicas"]!, (string)autoscaler["metrics"]![0]!["resource"]!["name"]!));
        var ingress = await space.UntilAsync("Ingress", name, _ => true);
        Assert.Equal("5", ingress.Annotations["limit"]);
        Assert.Equal("cert", (string?)ingress.Json["spec"]!["tls"]![0]!["secretName"]);
        await space.UntilAsync("Deployment", name, _ => true);

        await space.PatchAsync(kind, name, """{"spec":{"podDisruptionBudget":{"minAvailable":null,"maxUnavailable":2},"autoscaling":null,"ingress":null}}""");

        await space.UntilGoneAsync("Ingress", name);
        await space.UntilGoneAsync("HorizontalPodAutoscaler", name);
        await space.UntilAsync("PodDisruptionBudget", name, item => item.Json["spec"]!["minAvailable"] is null && (int?)item.Json["spec"]!["maxUnavailable"] == 2);
    }

    [Fact]
    public async Task Reconcile_ABudgetOfThatNameIsSomebodyElses_SaysSoAndLeavesIt()
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync("""
            kind: PodDisruptionBudget
            metadata: {name: web}
            spec: {maxUnavailable: 7}
            ---
            kind: Flow
            metadata: {name: web}
            spec: {image: x, podDisruptionBudget: {} }
            """);
        await space.UntilReadyIsAsync("Flow", "web", "False", "poddisruptionbudget \"web\" exists and was not made by this Flow; rename the Flow or delete that object, or label the Flow genkit.dev/take-over=true to take it over");

        await space.PatchAsync("Flow", "web", """{"spec":{"podDisruptionBudget":null}}""");

        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        Assert.Equal(7, (int?)(await space.GetAsync("PodDisruptionBudget", "web")).Json["spec"]!["maxUnavailable"]);
    }

    [Fact]
    public async Task Reconcile_AutoscalingIsTurnedOn_KeepsTheReplicasAndLeavesThemToTheAutoscaler()
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, replicas: 6}");
        await space.UntilAsync("Deployment", "web", item => ReplicasOf(item) == 6);

        await space.PatchAsync("Flow", "web", """{"spec":{"autoscaling":{"minReplicas":2,"maxReplicas":5}}}""");
        var left = await space.UntilAsync("Deployment", "web", item => item.Annotations.ContainsKey("genkit.dev/scaled-by"));
        Assert.Equal(5, ReplicasOf(left));
        await ScaleAsync(space, 3);
        await space.SetReplicasAsync("web", 3, 3);

        // Ready for the autoscaler's three proves that the operator has seen the change and let it be.
        await space.UntilReadyIsAsync("Flow", "web", "True", "3/3 replicas available");
        Assert.Equal(3, ReplicasOf(await space.GetAsync("Deployment", "web")));

        await space.PatchAsync("Flow", "web", """{"spec":{"autoscaling":null}}""");
        await space.UntilAsync("Deployment", "web", item => ReplicasOf(item) == 6 && !item.Annotations.ContainsKey("genkit.dev/scaled-by"));
    }

    [Fact]
    public async Task Reconcile_AnAutoscalerOfSomebodyElse_HasTheReplicas()
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, replicas: 2}");
        await space.UntilAsync("Deployment", "web", item => ReplicasOf(item) == 2);

        await space.ApplyAsync("""
            kind: HorizontalPodAutoscaler
            metadata: {name: their-own}
            spec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web} }
            """);
        var left = await space.UntilAsync("Deployment", "web", item => item.Annotations.ContainsKey("genkit.dev/scaled-by"));
        Assert.Equal(2, ReplicasOf(left));
        await ScaleAsync(space, 8);
        await space.SetReplicasAsync("web", 8, 8);

        await space.UntilReadyIsAsync("Flow", "web", "True", "8/8 replicas available");
        Assert.Equal(8, ReplicasOf(await space.GetAsync("Deployment", "web")));
    }

    [Fact]
    public async Task Scale_OfTheFlow_ReachesThePodsAndThatOfTheDeploymentIsUndoneWithAnEvent()
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x}");
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");

        var scale = await space.PatchAsync("Flow", "web", """{"spec":{"replicas":3}}""", "scale");
        Assert.Equal("app.kubernetes.io/managed-by=genkit-operator,genkit.dev/flow=web", (string?)scale.Json["status"]!["selector"]);
        await space.UntilAsync("Deployment", "web", item => ReplicasOf(item) == 3);
        await space.SetReplicasAsync("web", 3, 3);
        await space.UntilReadyIsAsync("Flow", "web", "True", "3/3 replicas available");

        // A reconcile that was under way may undo it before anybody has seen it: then there is nothing to tell.
        KubeObject? told = null;
        while (told is null)
        {
            await space.PatchAsync("Deployment", "web", """{"spec":{"replicas":9}}""");
            await space.UntilAsync("Deployment", "web", item => ReplicasOf(item) == 3);
            told = (await space.ListAsync("Event")).FirstOrDefault(item => item.Json["reason"]?.ToString() == "ReplicasRestored");
        }

        Assert.StartsWith("kubectl scaled the Deployment to 9, which goes back to 3;", (string?)told.Json["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_ARouteWithoutAGatewayApi_IsDegradedAndServes()
    {
        var space = await NewSpaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, httpRoute: {parentRefs: [{name: gate}] } }");
        await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("web", 1, 1);

        var flow = await space.UntilReadyIsAsync("Flow", "web", "True", "1/1 replicas available");

        Assert.Equal(("True", "GatewayApiMissing"), (flow.FindCondition("Degraded")!.Status, flow.FindCondition("Degraded")!.Reason));
    }

    private async Task<TestNamespace> NewSpaceAsync()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("""
            kind: Secret
            metadata: {name: s}
            data: {K: YQ==}
            ---
            kind: PluginConfig
            metadata: {name: pc}
            spec: {type: demo, credentialsRef: {name: s} }
            """);
        return space;
    }

    private static int? ReplicasOf(KubeObject deployment) => (int?)deployment.Json["spec"]!["replicas"];

    /// <summary>As a HorizontalPodAutoscaler does it.</summary>
    private static Task ScaleAsync(TestNamespace space, int replicas) => space.Client.Resource(BuiltIn.Deployment).MergePatchAsync(
        space.Name, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = replicas } }, "scale", s_autoscaler, CancellationToken.None);
}

/// <summary>A cluster with the Gateway API.</summary>
public sealed class GatewayFixture : OperatorFixture
{
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var definition = TestManifests.Read("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: httproutes.gateway.networking.k8s.io, annotations: {api-approved.kubernetes.io: unapproved}}
            spec:
              group: gateway.networking.k8s.io
              scope: Namespaced
              names: {kind: HTTPRoute, listKind: HTTPRouteList, plural: httproutes, singular: httproute}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true} } }]
            """)[0];
        await Client.Resource(BuiltIn.CustomResourceDefinition).CreateAsync(new KubeObject(definition), null, cancellationToken);
        await Wait.UntilAsync(
            Client.Resource(BuiltIn.CustomResourceDefinition), null, "httproutes.gateway.networking.k8s.io",
            crd => crd?.FindCondition("Established")?.IsTrue == true, TimeSpan.FromSeconds(20), TimeProvider.System, cancellationToken);
    }
}

public class FlowRouteTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Reconcile_ARouteComesAndGoes_Follows()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: web}\nspec: {image: x, port: 9000, httpRoute: {hostnames: [a.example.test], parentRefs: [{name: gate, namespace: infra}] } }");

        var route = await space.UntilAsync("HTTPRoute", "web", _ => true);
        Assert.Equal("""[{"name":"gate","namespace":"infra"}]""", route.Json["spec"]!["parentRefs"]!.ToJsonString());
        Assert.Equal((int?)9000, (int?)route.Json["spec"]!["rules"]![0]!["backendRefs"]![0]!["port"]);
        var flow = await space.UntilReadyIsAsync("Flow", "web", "False", "deployment phase=Pending, 0/1 replicas available");
        Assert.Equal("False", flow.FindCondition("Degraded")!.Status);

        await space.PatchAsync("Flow", "web", """{"spec":{"httpRoute":null}}""");

        await space.UntilGoneAsync("HTTPRoute", "web");
    }
}
