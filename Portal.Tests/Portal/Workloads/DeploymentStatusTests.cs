using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Workloads;

public class DeploymentStatusTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddYears(55);
    private readonly KubeObject _deployment = new(JsonNode.Parse("""
        {"metadata":{"name":"web","generation":1},"spec":{"replicas":1,"progressDeadlineSeconds":60}}
        """)!.AsObject());

    [Fact]
    public void Compute_NoPodYet_IsProgressingAndUnavailable()
    {
        var status = Observe(0);

        Assert.Equal("1 0 0 0 0 1", Counts(status));
        Assert.Equal("Available=False/MinimumReplicasUnavailable Progressing=True/ReplicaSetUpdated", Conditions(status));
        Assert.Equal(TimeSpan.FromSeconds(60), status.DeadlineIn);
    }

    [Fact]
    public void Compute_AllReady_IsComplete()
    {
        Observe(0, NotReady("a"));

        var status = Observe(5, Ready("a"));

        Assert.Equal("1 1 1 1 1 0", Counts(status));
        Assert.Equal("Available=True/MinimumReplicasAvailable Progressing=True/NewReplicaSetAvailable", Conditions(status));
        Assert.Null(status.DeadlineIn);
    }

    [Fact]
    public void Compute_OldPodServesWhileNewStarts_StaysAvailable()
    {
        Observe(0, Ready("b"));
        Change();

        var status = Observe(1, Ready("b"), NotReady("a"));

        Assert.Equal("2 2 1 1 1 1", Counts(status));
        Assert.Equal("Available=True/MinimumReplicasAvailable Progressing=True/ReplicaSetUpdated", Conditions(status));
    }

    [Fact]
    public void Compute_PausedPastTheDeadline_WaitsAndStartsTheClockAnewWhenResumed()
    {
        Observe(0, NotReady("a"));
        _deployment.Json["spec"]!["paused"] = true;
        var paused = Observe(1000, NotReady("a"));
        Assert.Equal("Available=False/MinimumReplicasUnavailable Progressing=Unknown/DeploymentPaused", Conditions(paused));
        Assert.Null(paused.DeadlineIn);

        _deployment.Json["spec"]!["paused"] = false;
        var resumed = Observe(2000, NotReady("a"));

        Assert.Equal("Available=False/MinimumReplicasUnavailable Progressing=True/ReplicaSetUpdated", Conditions(resumed));
        Assert.Equal(TimeSpan.FromSeconds(60), resumed.DeadlineIn);
    }

    [Fact]
    public void Compute_NothingMovesUntilTheDeadline_SaysSo()
    {
        Observe(0);
        Observe(1, NotReady("a"));
        Assert.Equal(TimeSpan.FromSeconds(31), Observe(30, NotReady("a")).DeadlineIn);

        var status = Observe(61, NotReady("a"));

        Assert.Equal("Available=False/MinimumReplicasUnavailable Progressing=False/ProgressDeadlineExceeded", Conditions(status));
        Assert.Null(status.DeadlineIn);
    }

    [Fact]
    public void Compute_AfterTheDeadlineANewTemplate_ProgressesAgain()
    {
        Observe(0);
        Observe(61);
        Change();

        Assert.EndsWith("Progressing=True/ReplicaSetUpdated", Conditions(Observe(62, NotReady("a"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Compute_FinishedThenAPodFails_IsUnavailableButNotTimedOut()
    {
        Observe(0, Ready("a"));

        var status = Observe(3600, NotReady("a"));

        Assert.Equal("Available=False/MinimumReplicasUnavailable Progressing=True/NewReplicaSetAvailable", Conditions(status));
    }

    [Fact]
    public void Compute_NothingChanged_GivesTheSameStatus()
    {
        Observe(0, Ready("a"));
        var before = _deployment.Json["status"]!.DeepClone();

        Assert.True(JsonNode.DeepEquals(before, Observe(1000, Ready("a")).Status));
    }

    [Fact]
    public void Compute_ZeroReplicas_IsCompleteWithoutPods()
    {
        _deployment.Json["spec"]!["replicas"] = 0;

        Assert.Equal("Available=True/MinimumReplicasAvailable Progressing=True/NewReplicaSetAvailable", Conditions(Observe(0)));
    }

    private DeploymentStatus Observe(int second, params ObservedPod[] pods)
    {
        var status = DeploymentStatus.Compute(_deployment, DeploymentSpec.Of(_deployment), "a", pods, s_start.AddSeconds(second));
        _deployment.Json["status"] = JsonNode.Parse(status.Status.ToJsonString());
        return status;
    }

    private void Change() => _deployment.Json["metadata"]!["generation"] = _deployment.Generation + 1;

    private static ObservedPod Ready(string hash) => new("p", hash, true, s_start);

    private static ObservedPod NotReady(string hash) => new("p", hash, false, s_start);

    private static string Counts(DeploymentStatus status) => string.Join(' ', new[]
        { "observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas" }.Select(key => status.Status[key]));

    private static string Conditions(DeploymentStatus status) =>
        string.Join(' ', status.Status["conditions"]!.AsArray().Select(condition => $"{condition!["type"]}={condition["status"]}/{condition["reason"]}"));
}
