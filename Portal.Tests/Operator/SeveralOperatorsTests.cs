using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Selectors;
using Portal.Operator;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator;

/// <summary>Operators that share a cluster: leader and stand-by, shards, and two that nobody told of each other.</summary>
public class SeveralOperatorsTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const int Flows = 300;

    // The stand-by follows when the lease has run out: 3 s here, 10 s as shipped, for which bench/operator measures the time.
    [Fact]
    public async Task Leader_DiesInTheMiddleOfARollOut_TheStandByFinishesItAndNothingIsMadeTwice()
    {
        var space = await fixture.NewNamespaceAsync();
        var options = new OperatorOptions { LeaderElection = true, LeaderElectionNamespace = space.Name, LeaseDuration = TimeSpan.FromSeconds(3) };
        await using var leader = new HostedOperator(fixture, space.Name, options);
        await using var standBy = new HostedOperator(fixture, space.Name, options);
        await leader.StartAsync();
        await standBy.Host.StartAsync(CancellationToken.None);
        await PromptAsync(space, "one");
        var creating = Parallel.ForEachAsync(Enumerable.Range(0, Flows), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (index, _) => await FlowAsync(space, $"f{index}"));
        await UntilAsync(space, BuiltIn.Deployment, deployments => deployments.Count >= Flows / 4);

        await leader.Connection.CutAsync();
        await creating;
        await PromptAsync(space, "two");

        await UntilAsync(space, Flow.Definition, flows => flows.Count == Flows && flows.Values.All(flow => flow.FindCondition("Ready") is not null));
        Assert.NotEmpty(standBy.Writes);
        await UntilAsync(space, BuiltIn.ConfigMap, maps => maps.Count == Flows * 3
            && maps.Values.Where(map => map.Name.EndsWith("-prompts", StringComparison.Ordinal)).All(map => (string?)map.Json["data"]!["shared.prompt"] == "two"));
        var flows = (await space.ListAsync("Flow")).ToDictionary(flow => flow.Name);
        var deployments = await space.ListAsync("Deployment");
        Assert.Equal((Flows, Flows), (deployments.Count, (await space.ListAsync("Service")).Count));
        Assert.All(deployments, deployment => Assert.Equal(flows[deployment.Name].Uid, deployment.ControllerOwner?.Uid));

        // Once for the first prompt, where the leader came so far, and once for the second.
        Assert.All(deployments, deployment => Assert.InRange(deployment.Generation, 1, 2));
    }

    [Fact]
    public async Task TwoLeaders_NobodyElected_DoNoHarm()
    {
        var space = await fixture.NewNamespaceAsync();
        await using var one = new HostedOperator(fixture, space.Name, new OperatorOptions());
        await using var other = new HostedOperator(fixture, space.Name, new OperatorOptions());
        await one.StartAsync();
        await other.StartAsync();
        await PromptAsync(space, "one");
        for (var index = 0; index < 5; index++)
        {
            await FlowAsync(space, $"f{index}");
        }

        await UntilAsync(space, Flow.Definition, flows => flows.Count == 5 && flows.Values.All(flow => flow.FindCondition("Ready") is not null));
        var before = await VersionsAsync(space);

        // When both have done this, they have done with all before it.
        await FlowAsync(space, "last");
        await UntilAsync(space, Flow.Definition, flows => flows.TryGetValue("last", out var last) && last.FindCondition("Ready") is not null);

        Assert.Equal(before, (await VersionsAsync(space)).Where(version => !version.Contains(" last", StringComparison.Ordinal)));
        Assert.All(await space.ListAsync("Deployment"), deployment => Assert.Equal(1, deployment.Generation));
    }

    [Fact]
    public async Task Shards_OfOneNamespace_NeverTouchEachOthersObjects()
    {
        var space = await fixture.NewNamespaceAsync();
        await using var a = new HostedOperator(fixture, space.Name, new OperatorOptions { Shard = LabelSelector.Parse("shard=a") });
        await using var rest = new HostedOperator(fixture, space.Name, new OperatorOptions { Shard = LabelSelector.Parse("shard notin (a)") });
        await a.StartAsync();
        await rest.StartAsync();

        await PromptAsync(space, "one");
        await FlowAsync(space, "mine", "a");
        await FlowAsync(space, "yours", "b");
        await FlowAsync(space, "nobodys");

        string[] names = ["mine", "nobodys", "yours"];
        await UntilAsync(space, Flow.Definition, flows => names.All(name => flows.TryGetValue(name, out var flow) && flow.FindCondition("Ready") is not null));
        Assert.NotEmpty(a.Writes);
        Assert.All(a.Writes, write => Assert.Contains("/mine", write, StringComparison.Ordinal));
        Assert.All(rest.Writes, write => Assert.DoesNotContain("/mine", write, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shard_AnObjectMovesToAnother_IsTakenOver()
    {
        var space = await fixture.NewNamespaceAsync();
        await using var a = new HostedOperator(fixture, space.Name, new OperatorOptions { Shard = LabelSelector.Parse("shard=a") });
        await using var b = new HostedOperator(fixture, space.Name, new OperatorOptions { Shard = LabelSelector.Parse("shard=b") });
        await a.StartAsync();
        await b.StartAsync();
        await PromptAsync(space, "one");
        await FlowAsync(space, "moving", "a");
        await space.UntilAsync("Flow", "moving", flow => flow.FindCondition("Ready") is not null);
        Assert.Empty(b.Writes);

        await space.PatchAsync("Flow", "moving", """{"metadata":{"labels":{"shard":"b"}},"spec":{"replicas":3}}""");

        await space.UntilAsync("Deployment", "moving", deployment => (int?)deployment.Json["spec"]!["replicas"] == 3);
        Assert.Contains(b.Writes, write => write.EndsWith("/deployments/moving", StringComparison.Ordinal));
    }

    private static Task PromptAsync(TestNamespace space, string content) => space.ApplyAsync($"kind: Prompt\nmetadata: {{name: shared}}\nspec: {{content: {content}}}");

    private static Task FlowAsync(TestNamespace space, string name, string? shard = null) => space.ApplyAsync($$"""
        kind: Flow
        metadata: {name: {{name}}, labels: { {{(shard is null ? "" : $"shard: {shard}")}} } }
        spec: {image: x, prompts: [{promptRef: {name: shared} }]}
        """);

    private static async Task<List<string>> VersionsAsync(TestNamespace space)
    {
        var versions = new List<string>();
        foreach (var kind in new[] { "ConfigMap", "Service", "Deployment", "Flow" })
        {
            versions.AddRange((await space.ListAsync(kind)).Select(item => $"{kind} {item.Name} {item.ResourceVersion}"));
        }

        return versions;
    }

    private static async Task UntilAsync(TestNamespace space, ResourceDefinition kind, Func<Dictionary<string, KubeObject>, bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var seen = new Dictionary<string, KubeObject>(StringComparer.Ordinal);
        await foreach (var change in space.Client.Resource(kind).WatchAsync(space.Name, null, patience.Token))
        {
            if (change.Type == WatchEventType.Bookmark)
            {
                continue;
            }

            seen[change.Object.Name] = change.Object;
            if (condition(seen))
            {
                return;
            }
        }
    }
}
