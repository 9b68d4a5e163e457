using Portal.Embedded.Workloads;

namespace Portal.Tests.Portal.Workloads;

public class DeploymentPlanTests
{
    // A pod is written as hash + readiness: "a+" is a ready pod of template a, "a-" one that is not ready. Names are p0, p1, … by age.
    [Theory]
    [InlineData("first pods", 2, 1, 0, "", 2, "")]
    [InlineData("nothing to do", 2, 1, 0, "a+ a+", 0, "")]
    [InlineData("still starting", 2, 1, 0, "a+ a-", 0, "")]
    [InlineData("scale up", 3, 1, 0, "a+", 2, "")]
    [InlineData("scale down takes what is not ready, then the youngest", 1, 1, 0, "a+ a+ a-", 0, "p2 p1")]
    [InlineData("scale to zero", 0, 0, 0, "a+ b+", 0, "p0 p1")]
    [InlineData("update starts a new one beside the old", 1, 1, 0, "b+", 1, "")]
    [InlineData("old serves until new is ready", 1, 1, 0, "b+ a-", 0, "")]
    [InlineData("old goes when new is ready", 1, 1, 0, "b+ a+", 0, "p0")]
    [InlineData("old that never became ready goes at once", 1, 1, 0, "b-", 1, "p0")]
    [InlineData("third template in a row", 1, 1, 0, "b+ c-", 1, "p1")]
    [InlineData("without surge one old makes room", 2, 0, 1, "b+ b+", 1, "p0")]
    [InlineData("large update goes in steps", 4, 1, 1, "b+ b+ b+ b+", 2, "p0")]
    public void For_Pods_GivesTheNextStep(string because, int desired, int surge, int unavailable, string pods, int create, string delete)
    {
        var observed = pods.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select((text, age) => new ObservedPod($"p{age}", text[..1], text[1] == '+', DateTimeOffset.UnixEpoch.AddSeconds(age))).ToList();

        var plan = DeploymentPlan.For(desired, "a", new RolloutLimits(surge, unavailable), recreate: false, observed);

        Assert.True(create == plan.Create && delete == string.Join(' ', plan.Delete), $"{because}: create {plan.Create}, delete {string.Join(' ', plan.Delete)}");
    }

    [Fact]
    public void For_Recreate_EmptiesBeforeItFills()
    {
        ObservedPod old = new("p0", "b", true, default);

        Assert.Equal((0, 1), Counts(DeploymentPlan.For(1, "a", new RolloutLimits(0, 1), recreate: true, [old])));
        Assert.Equal((1, 0), Counts(DeploymentPlan.For(1, "a", new RolloutLimits(0, 1), recreate: true, [])));
    }

    [Theory]
    [InlineData("""{"replicas":1}""", 1, 0)]
    [InlineData("""{"replicas":10}""", 3, 2)]
    [InlineData("""{}""", 1, 0)]
    [InlineData("""{"replicas":4,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":2}}}""", 0, 2)]
    [InlineData("""{"replicas":4,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"50%","maxUnavailable":"0%"}}}""", 2, 0)]
    [InlineData("""{"replicas":4,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}""", 0, 1)]
    [InlineData("""{"replicas":2,"strategy":{"type":"Recreate"}}""", 0, 2)]
    public void RolloutLimits_OfSpec_FollowKubernetes(string spec, int surge, int unavailable) =>
        Assert.Equal(new RolloutLimits(surge, unavailable), RolloutLimits.Of(DeploymentSpec.Of(new(new() { ["spec"] = JsonNode.Parse(spec) }))));

    private static (int, int) Counts(DeploymentPlan plan) => (plan.Create, plan.Delete.Count);
}
