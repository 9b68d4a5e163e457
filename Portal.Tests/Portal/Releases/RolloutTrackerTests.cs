using Portal.Auth;
using Portal.Data;
using Portal.Operator.Flows;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>The test plays the operator: it writes the status of the flow.</summary>
public sealed class RolloutTrackerTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Greeter = "kind: Flow\nmetadata: { name: greeter }\nspec: { image: x, prompts: [ { promptRef: { name: hello } } ] }";
    private readonly TestDesk _desk = new(fixture);
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Check_FlowServesTheNewContent_IsReadyAndInTheHistory()
    {
        var (place, release) = await PublishAsync();
        await StatusAsync(place, "old", "True", "1/1 replicas available");
        Assert.Equal(1, await _desk.Rollouts.CheckAsync(default));

        await StatusAsync(place, "new", "False", "deployment phase=Updating", "Reconciling");
        Assert.Equal(1, await _desk.Rollouts.CheckAsync(default));
        await StatusAsync(place, "new", "True", "1/1 replicas available");
        Assert.Equal(0, await _desk.Rollouts.CheckAsync(default));

        Assert.Equal(RolloutState.Ready, Assert.Single(await _desk.Rollouts.ListAsync(release, default)).State);
        var last = (await _desk.List.FindAsync(release, _root, default))!.Events[^1];
        Assert.Equal(("rolled-out", $"{place.Name}/greeter: 1/1 replicas available"), (last.Kind, last.Comment));
    }

    [Fact]
    public async Task Check_FlowFailsWithTheNewContent_IsFailedWithItsWords()
    {
        var (place, release) = await PublishAsync();

        await StatusAsync(place, "new", "False", "prompt \"hello\" is broken", "InvalidSpec");
        Assert.Equal(0, await _desk.Rollouts.CheckAsync(default));

        var rollout = Assert.Single(await _desk.Rollouts.ListAsync(release, default));
        Assert.Equal((RolloutState.Failed, "prompt \"hello\" is broken"), (rollout.State, rollout.Message));
    }

    [Fact]
    public async Task Check_NothingIsDifferentForThePods_IsReadyAfterAWhile()
    {
        var (place, _) = await PublishAsync();
        await StatusAsync(place, "old", "True", "1/1 replicas available");
        Assert.Equal(1, await _desk.Rollouts.CheckAsync(default));

        _desk.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(0, await _desk.Rollouts.CheckAsync(default));
    }

    private async Task<(TestNamespace Place, long Release)> PublishAsync()
    {
        var place = await fixture.NewNamespaceAsync();
        await place.ApplyAsync(Greeter);
        await fixture.UntilSeenAsync(place, Greeter);
        await StatusAsync(place, "old", "True", "before");
        return (place, (await _desk.SubmitAsync(place.Name, TestDesk.Good, _root)).Release!.Id);
    }

    private async Task StatusAsync(TestNamespace place, string hash, string ready, string message, string reason = "Ready")
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = fixture.Informers.Get<Flow>().Subscribe(change =>
        {
            if (change.Object.Namespace == place.Name && change.After?.FindCondition("Ready")?.Message == message)
            {
                seen.TrySetResult();
            }
        });
        var condition = new JsonObject
        {
            ["type"] = "Ready",
            ["status"] = ready,
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = "2030-01-01T00:00:00Z",
        };
        var patch = new JsonObject { ["status"] = new JsonObject { ["contentHash"] = hash, ["conditions"] = new JsonArray(condition) } };
        await place.PatchAsync("Flow", "greeter", patch.ToJsonString(), "status");
        await seen.Task.WaitAsync(RunningPortal.Patience);
    }
}
