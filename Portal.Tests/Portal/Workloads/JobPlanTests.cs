using Portal.Embedded.Workloads;
using Portal.Operator.Evals;

namespace Portal.Tests.Portal.Workloads;

public class JobPlanTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(3, null, "", 3)]
    [InlineData(3, 1, "", 1)]
    [InlineData(2, 5, "Running Succeeded", 1)]
    [InlineData(2, 2, "Running Running", 0)]
    [InlineData(3, null, "Succeeded Running", 0)]
    public void For_WorkLeft_StartsUpToTheParallelism(int parallelism, int? completions, string phases, int create)
    {
        var plan = JobPlan.For(new JobSpec { Parallelism = parallelism, Completions = completions }, Pods(phases), s_start, s_start);

        Assert.Equal((create, null), (plan.Create, plan.End));
    }

    [Theory]
    [InlineData(1, "Succeeded", null)]
    [InlineData(2, "Failed Succeeded Succeeded", 0)]
    [InlineData(null, "Succeeded Succeeded", null)]
    public void For_AllDone_IsComplete(int? completions, string phases, int? backoffLimit) => Assert.Equal(
        "Complete", JobPlan.For(new JobSpec { Completions = completions, BackoffLimit = backoffLimit }, Pods(phases), s_start, s_start).End!.Type);

    [Fact]
    public void For_TooManyFailures_FailsWithTheLastWords() => Assert.Equal(
        new JobEnd("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit: no dataset"),
        JobPlan.For(new JobSpec { BackoffLimit = 0 }, [new JobPod("p", "Failed", s_start, "no dataset")], s_start, s_start).End);

    [Fact]
    public void For_Failures_WaitsLongerEachTime()
    {
        JobPod Failed(int second) => new("p", "Failed", s_start.AddSeconds(second), "");

        var spec = new JobSpec { Completions = 1 };
        Assert.Equal((0, TimeSpan.FromSeconds(1)), Next(JobPlan.For(spec, [Failed(0)], s_start, s_start)));
        Assert.Equal((0, TimeSpan.FromSeconds(4)), Next(JobPlan.For(spec, [Failed(0), Failed(1), Failed(2)], s_start, s_start.AddSeconds(2))));
        Assert.Equal(1, JobPlan.For(spec, [Failed(0), Failed(1)], s_start, s_start.AddSeconds(3)).Create);

        static (int, TimeSpan?) Next(JobPlan plan) => (plan.Create, plan.Again);
    }

    [Fact]
    public void For_Deadline_EndsTheJobAndIsLookedForUntilThen()
    {
        var spec = new JobSpec { ActiveDeadlineSeconds = 10 };

        Assert.Equal(TimeSpan.FromSeconds(6), JobPlan.For(spec, Pods("Running"), s_start, s_start.AddSeconds(4)).Again);
        Assert.Equal("DeadlineExceeded", JobPlan.For(spec, Pods("Running"), s_start, s_start.AddSeconds(10)).End!.Reason);
    }

    [Fact]
    public void For_Suspended_StartsNothing() => Assert.Equal(0, JobPlan.For(new JobSpec { Suspend = true }, [], s_start, s_start).Create);

    [Theory]
    [InlineData("0 2 * * *", "2026-03-01T01:59:00Z", null)]
    [InlineData("0 2 * * *", "2026-03-01T02:00:30Z", "2026-03-01T02:00:00Z")]
    [InlineData("* * * * *", "2026-06-01T00:00:30Z", "2026-06-01T00:00:00Z")]
    [InlineData("0 0 1 * *", "2026-06-15T00:00:00Z", "2026-06-01T00:00:00Z")]
    public void LastDue_SinceTheFirstOfMarch_IsTheLatestTime(string schedule, string now, string? expected)
    {
        var last = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

        var due = CronJobReconciler.LastDue(new CronSchedule(schedule), TimeZoneInfo.Utc, last, DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(expected, due is { } time ? LocalNode.Timestamp(time) : null);
    }

    private static List<JobPod> Pods(string phases) => [.. phases.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(phase => new JobPod("p", phase, null, ""))];
}
