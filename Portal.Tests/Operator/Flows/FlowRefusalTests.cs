using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

/// <summary>No controller runs here: the test reconciles by hand.</summary>
public class FlowRefusalTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    [Fact]
    public async Task ReconcileAsync_ServerRefusesAChild_ReportsItAndComesBackWithinAMinute()
    {
        var space = await fixture.NewNamespaceAsync();
        using var quota = new RefusingHandler(fixture.Client.Connection.Handler) { IsFull = true };
        var client = new KubeClient(fixture.Client.Connection with { Handler = quota });
        var hand = new HandReconcilers(fixture, client);
        var key = new ResourceRef("genkit.dev", "Flow", space.Name, "tight");
        await space.ApplyAsync("""
            kind: Flow
            metadata: {name: tight}
            spec: {image: x}
            """);
        await SeenAsync(hand.Informers.Flows, space.Name, "tight");

        var refused = await hand.Flow.ReconcileAsync(key, CancellationToken.None);

        Assert.InRange(refused.RequeueAfter ?? TimeSpan.MaxValue, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        var flow = await space.UntilReadyIsAsync("Flow", "tight", "False", $"apply *v1.Service tight: {RefusingHandler.Message}");
        Assert.Equal(("Failed", "Error"), ((string?)flow.Json["status"]!["phase"], flow.FindCondition("Ready")!.Reason));

        quota.IsFull = false;
        Assert.Equal(ReconcileResult.Done, await hand.Flow.ReconcileAsync(key, CancellationToken.None));
        Assert.NotNull(await space.FindAsync("Deployment", "tight"));
    }

    private static async Task SeenAsync(Informer<Flow> informer, string @namespace, string name)
    {
        var seen = new TaskCompletionSource();
        using var subscription = informer.Subscribe(change =>
        {
            if (change.Object.Namespace == @namespace && change.Object.Name == name)
            {
                seen.TrySetResult();
            }
        });
        await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
