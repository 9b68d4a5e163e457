using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Check B5. No controller runs here: the test reconciles when the reconciler asked for it.</summary>
public class QuotaChecks(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    [Fact]
    public async Task CheckB05_QuotaIsLifted_HealsUntouchedWithinAMinute()
    {
        var space = await fixture.NewNamespaceAsync();
        using var quota = new RefusingHandler(fixture.Client.Connection.Handler) { IsFull = true };
        var client = new KubeClient(fixture.Client.Connection with { Handler = quota });
        var hand = new HandReconcilers(fixture, client);
        await space.ApplyAsync("kind: Flow\nmetadata: {name: tight}\nspec: {image: x}");
        await hand.Informers.Flows.UntilAsync(store => store.Find(space.Name, "tight") is not null);
        var key = new ResourceRef("genkit.dev", "Flow", space.Name, "tight");

        var refused = await hand.Flow.ReconcileAsync(key, CancellationToken.None);
        await space.UntilReadyIsAsync("Flow", "tight", "False", $"apply *v1.Service tight: {RefusingHandler.Message}");
        quota.IsFull = false;

        Assert.InRange(refused.RequeueAfter ?? TimeSpan.MaxValue, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        await hand.Flow.ReconcileAsync(key, CancellationToken.None);
        Assert.NotNull(await space.FindAsync("Deployment", "tight"));
    }
}
