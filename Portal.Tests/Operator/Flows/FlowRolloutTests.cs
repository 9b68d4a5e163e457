using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;

namespace Portal.Tests.Operator.Flows;

public class FlowRolloutTests
{
    private const string Stuck = "conditions: [{type: Progressing, status: \"False\", reason: ProgressDeadlineExceeded, message: too slow}]";
    private const string Moving = "conditions: [{type: Progressing, status: \"True\", reason: ReplicaSetUpdated, message: m}]";

    [Theory]
    [InlineData(1, "", "Pending", "Reconciling", "deployment phase=Pending, 0/1 replicas available", false)]
    [InlineData(1, "observedGeneration: 2, replicas: 1, updatedReplicas: 1, unavailableReplicas: 1", "Pending", "Reconciling",
        "deployment phase=Pending, 0/1 replicas available", false)]
    [InlineData(1, "observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1", "Running", "Ready", "1/1 replicas available", true)]
    [InlineData(0, "observedGeneration: 2", "Running", "Ready", "0/0 replicas available", false)]
    [InlineData(1, "observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1", "Updating", "Reconciling",
        "deployment phase=Updating, 1/1 replicas available", true)]
    [InlineData(1, "observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1", "Updating", "Reconciling",
        "deployment phase=Updating, 1/2 replicas available", true)]
    [InlineData(3, "observedGeneration: 2, replicas: 3, updatedReplicas: 2, availableReplicas: 3", "Updating", "Reconciling",
        "deployment phase=Updating, 3/3 replicas available", true)]
    [InlineData(2, "observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 1", "Updating", "Reconciling",
        "deployment phase=Updating, 1/2 replicas available", true)]
    [InlineData(2, "observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, " + Moving, "Running", "Ready",
        "2/2 replicas available", true)]
    [InlineData(1, "observedGeneration: 2, replicas: 2, updatedReplicas: 1, availableReplicas: 1, " + Stuck, "Failed", "ProgressDeadlineExceeded",
        "deployment phase=Failed, 1/2 replicas available: too slow", true)]
    [InlineData(1, "observedGeneration: 2, replicas: 1, updatedReplicas: 1, " + Stuck, "Failed", "ProgressDeadlineExceeded",
        "deployment phase=Failed, 0/1 replicas available: too slow", false)]
    [InlineData(1, "observedGeneration: 1, replicas: 1, updatedReplicas: 1, " + Stuck, "Pending", "Reconciling",
        "deployment phase=Pending, 0/1 replicas available", false)]
    public void Of_DeploymentAtGenerationTwo_SaysWhereItIs(int desired, string status, string phase, string reason, string message, bool serving)
    {
        var deployment = new KubeObject(TestManifests.Read($$"""
            metadata: {name: f, generation: 2}
            spec: {replicas: {{desired}} }
            status: { {{status}} }
            """)[0]);

        var rollout = FlowRollout.Of(deployment);

        Assert.Equal((phase, reason, message), (rollout.Phase.ToString(), rollout.Ready.Reason, rollout.Ready.Message));
        Assert.Equal(phase == "Running", rollout.Ready.IsTrue);
        Assert.Equal(serving, rollout.Available > 0);
    }

    [Fact]
    public void Of_NoDeployment_Waits()
    {
        var rollout = FlowRollout.Of(deployment: null);

        Assert.Equal((FlowPhase.Pending, "waiting for deployment"), (rollout.Phase, rollout.Ready.Message));
    }

    [Fact]
    public void Explained_MessageWithAFullStop_GoesOnAsOneSentence()
    {
        var deployment = new KubeObject(TestManifests.Read("""
            metadata: {name: f, generation: 2}
            spec: {replicas: 1}
            status: {observedGeneration: 2, conditions: [{type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: It has timed out.}]}
            """)[0]);

        var rollout = FlowRollout.Of(deployment).Explained("pod \"a\" CrashLoopBackOff");

        Assert.Equal("It has timed out: pod \"a\" CrashLoopBackOff", rollout.Problem!.Trail);
    }

    [Fact]
    public void Explained_PodsThatDoNotStartBeforeTheDeadline_AreAProblem()
    {
        var deployment = new KubeObject(TestManifests.Read("""
            metadata: {name: f, generation: 2}
            spec: {replicas: 2}
            status: {observedGeneration: 2, replicas: 3, updatedReplicas: 1, availableReplicas: 2, conditions: [{type: Progressing, status: "True", reason: ReplicaSetUpdated}]}
            """)[0]);

        var rollout = FlowRollout.Of(deployment).Explained("pod \"a\" CrashLoopBackOff: no key");

        Assert.Equal((FlowPhase.Updating, "PodsFailing", "deployment phase=Updating, 2/3 replicas available: pod \"a\" CrashLoopBackOff: no key"), (rollout.Phase, rollout.Ready.Reason, rollout.Ready.Message));
        Assert.Equal("PodsFailing", rollout.Problem!.Reason);
    }
}
