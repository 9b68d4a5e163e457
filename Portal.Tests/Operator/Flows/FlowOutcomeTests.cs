using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

/// <summary>What the status says of content that pods take without a restart.</summary>
public class FlowOutcomeTests
{
    private static readonly Flow s_flow = Flow.FromJson(TestManifests.Read("""
        metadata: {name: web, namespace: n, uid: u, generation: 1}
        spec: {image: x, reload: hot}
        status: {contentHash: old, servedContentHash: old}
        """)[0]);

    private static readonly FlowRollout s_done = FlowRollout.Of(new KubeObject(TestManifests.Read("""
        metadata: {name: web, generation: 1}
        spec: {replicas: 2}
        status: {observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2}
        """)[0]));

    [Theory]
    [InlineData(2, 2, 2, false, "True Ready 2/2 replicas available", "True NewReplicaSetAvailable", "False AsExpected", "new", "Running")]
    [InlineData(2, 2, 1, false, "False Reloading 1/2 pods have read the change", "True Reloading", "False AsExpected", "old", "Updating")]
    [InlineData(2, 1, 1, false, "False Reloading 1/2 pods have read the change", "True Reloading", "False AsExpected", "old", "Updating")]
    [InlineData(2, 2, 0, true, "False ProgressDeadlineExceeded 0/2 pods have read the change", "True NewReplicaSetAvailable", "True ProgressDeadlineExceeded", "old", "Failed")]
    [InlineData(2, 0, 0, false, "True Ready 2/2 replicas available; no pod could be asked which content it serves", "True NewReplicaSetAvailable", "False AsExpected", "old", "Running")]
    [InlineData(0, 0, 0, false, "True Ready 2/2 replicas available; no pod could be asked which content it serves", "True NewReplicaSetAvailable", "False AsExpected", "old", "Running")]
    public void Of_AfterAHotChange_TellsWhatPodsSay(
        int asked, int answered, int current, bool late, string ready, string progressing, string degraded, string served, string phase)
    {
        var outcome = Outcome(new() { Asked = asked, Answered = answered, Current = current, Problems = new Dictionary<string, string>(), IsLate = late, IsFresh = false });

        Assert.Equal(
            (ready, progressing, degraded, served, "new", phase),
            (Say(outcome, "Ready", withMessage: true), Say(outcome, "Progressing"), Say(outcome, "Degraded"), outcome.ServedContentHash, outcome.ContentHash, outcome.Phase.ToString()));
    }

    [Theory]
    [InlineData(1, "prompt \"p\": unknown helper", "prompt \"p\": unknown helper")]
    [InlineData(2, "/srv/flows/t/web-x1/fs/genkit/config.json: No credential", "/genkit/config.json: No credential")]
    public void Of_ARunnerCannotServeAFlow_SaysItInItsWordsAndKeepsWhatIsServed(int current, string said, string shown)
    {
        var served = new ServedContent
        {
            Asked = 2,
            Answered = 2,
            Current = current,
            Problems = new Dictionary<string, string> { ["/web"] = said },
            IsLate = false,
            IsFresh = false,
        };

        var outcome = FlowOutcome.Of(Owner, new Applied { Served = served }, s_done, "new", RunnerProblems.FirstOf(served), [], isHot: true);

        Assert.Equal($"False FlowBroken /web: {shown}", Say(outcome, "Ready", withMessage: true));
        Assert.Equal($"True FlowBroken flow \"web\" → /web: {shown}", Say(outcome, "Degraded", withMessage: true));
        Assert.Equal("old", outcome.ServedContentHash);
    }

    [Fact]
    public void Of_RestartMode_WhatIsRolledOutIsServed()
    {
        var outcome = FlowOutcome.Of(Owner, new Applied(), s_done, "new", problem: null, [], isHot: false);

        Assert.Equal(("new", "new"), (outcome.ContentHash, outcome.ServedContentHash));
    }

    private static ChildOwner Owner => FlowRenderer.OwnerOf(s_flow);

    private static FlowOutcome Outcome(ServedContent served) => FlowOutcome.Of(Owner, new Applied { Served = served }, s_done, "new", problem: null, [], isHot: true);

    private static string Say(FlowOutcome outcome, string type, bool withMessage = false)
    {
        var condition = outcome.Conditions.Single(item => item.Type == type);
        return $"{condition.Status} {condition.Reason}{(withMessage ? " " + condition.Message : "")}";
    }
}
