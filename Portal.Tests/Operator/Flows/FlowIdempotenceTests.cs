using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Operator.Flows;

public class FlowIdempotenceTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private static readonly (string Kind, string Name)[] s_objects =
        [("ConfigMap", "many-prompts"), ("ConfigMap", "many-tools"), ("ConfigMap", "many-config"), ("Service", "many"), ("Deployment", "many"), ("Flow", "many")];

    [Fact]
    public async Task ReconcileAsync_FiftyTimesWithoutAChange_WritesNothing()
    {
        var space = await fixture.NewNamespaceAsync();
        var prompts = string.Join(", ", Enumerable.Range(0, 18).Select(i => "{prompt: {name: p" + i + ", content: text " + i + "}}"));
        await space.ApplyAsync($$"""
            kind: Flow
            metadata: {name: many}
            spec: {image: x, resources: {limits: {cpu: 1, memory: 64Mi} }, env: [{name: A, value: b}], prompts: [{{prompts}}] }
            """);
        await space.UntilReadyIsAsync("Flow", "many", "False", "deployment phase=Pending, 0/1 replicas available");
        await space.SetReplicasAsync("many", 1, 1);
        await space.UntilReadyIsAsync("Flow", "many", "True", "1/1 replicas available");
        using var requests = new RecordingHandler(fixture.Client.Connection.Handler);
        var hand = new HandReconcilers(fixture, new KubeClient(fixture.Client.Connection with { Handler = requests }));
        var before = await VersionsAsync(space);

        for (var round = 0; round < 50; round++)
        {
            await hand.Flow.ReconcileAsync(new ResourceRef("genkit.dev", "Flow", space.Name, "many"), CancellationToken.None);
        }

        Assert.Equal(before, await VersionsAsync(space));
        Assert.Empty(requests.Requests);
        Assert.Equal(1, (await space.GetAsync("Deployment", "many")).Generation);
    }

    private static async Task<List<string>> VersionsAsync(TestNamespace space)
    {
        List<string> versions = [];
        foreach (var (kind, name) in s_objects)
        {
            versions.Add($"{kind} {name} {(await space.GetAsync(kind, name)).ResourceVersion}");
        }

        return versions;
    }
}
