using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator;

/// <summary>The samples apply unchanged, in any order, and come to rest. Nothing plays kubelet but the test.</summary>
public sealed class SamplesTests(OperatorFixture fixture) : IClassFixture<OperatorFixture>
{
    private static readonly string[] s_kinds = ["PluginConfig", "Model", "Prompt", "Tool", "Flow", "FlowSet", "Dataset", "Eval"];

    [Theory]
    [InlineData("by name")]
    [InlineData("backwards")]
    [InlineData("by size")]
    public async Task Apply_InAnyOrder_EverythingBecomesReady(string order)
    {
        var space = await fixture.NewNamespaceAsync();
        var documents = Documents();
        documents = order switch
        {
            "backwards" => [.. documents.Reverse()],
            "by size" => [.. documents.OrderBy(document => document.Length)],
            _ => documents,
        };
        foreach (var document in documents)
        {
            await space.ApplyAsync(document);
        }

        var objects = documents.SelectMany(TestManifests.Read).Where(item => s_kinds.Contains((string)item["kind"]!)).ToList();
        Assert.Equal(s_kinds.Order(), objects.Select(item => (string)item["kind"]!).Distinct().Order());
        using var done = new CancellationTokenSource();
        var pods = Task.WhenAll(objects.Where(item => (string)item["kind"]! is "Flow" or "FlowSet").Select(item => RunPodsAsync(space, (string)item["metadata"]!["name"]!, done.Token)));
        foreach (var item in objects)
        {
            await space.UntilAsync((string)item["kind"]!, (string)item["metadata"]!["name"]!, stored =>
                stored.FindCondition("Ready") is { IsTrue: true } ready && ready.ObservedGeneration == stored.Generation);
        }

        await done.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pods);
    }

    [Fact]
    public void Kustomization_NamesEverySample()
    {
        var listed = File.ReadAllLines(Repository.Path("docs", "samples", "kustomization.yaml")).Where(line => line.StartsWith("  - ", StringComparison.Ordinal) && !line.Contains('/', StringComparison.Ordinal)).Select(line => line[4..]);

        Assert.Equal(Files().Select(Path.GetFileName).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Images_AreTheProjectsRunner() => Assert.All(
        Documents().SelectMany(document => document.Split('\n')).Select(line => line.Trim()).Where(line => line.StartsWith("image:", StringComparison.Ordinal) || line.StartsWith("runnerImage:", StringComparison.Ordinal)),
        line => Assert.Equal(global::Portal.RunnerImage.Name, line.Split(": ")[1]));

    private static string[] Documents() => [.. Files().SelectMany(file => File.ReadAllText(file).Split("\n---\n"))];

    private static IEnumerable<string> Files() => Directory.GetFiles(Repository.Path("docs", "samples"), "*.yaml")
        .Where(file => Path.GetFileName(file) != "kustomization.yaml").Order(StringComparer.Ordinal);

    // All the pods of a Deployment run at once, for every revision of it.
    private static async Task RunPodsAsync(TestNamespace space, string name, CancellationToken cancellationToken)
    {
        var deployments = space.Client.Resource(BuiltIn.Deployment);
        while (true)
        {
            var deployment = await Wait.UntilAsync(
                deployments, space.Name, name, item => item is not null && (long?)item.Json["status"]?["observedGeneration"] != item.Generation,
                TimeSpan.FromMinutes(1), TimeProvider.System, cancellationToken);
            var replicas = (int?)deployment!.Json["spec"]!["replicas"] ?? 1;
            await space.PatchAsync("Deployment", name, $$"""
                {"status": {"observedGeneration": {{deployment.Generation}}, "replicas": {{replicas}}, "updatedReplicas": {{replicas}}, "readyReplicas": {{replicas}}, "availableReplicas": {{replicas}},
                 "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}, {"type": "Available", "status": "True"}] } }
                """, "status");
        }
    }
}
