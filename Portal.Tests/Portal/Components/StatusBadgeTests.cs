using Bunit;
using Portal.Components;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Components;

public sealed class StatusBadgeTests : IDisposable
{
    private readonly BunitContext _context = UiContext.New();

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Render_EveryStatus_HasAWordAndAHiddenIcon()
    {
        foreach (var status in Enum.GetValues<Status>())
        {
            var badge = _context.Render<StatusBadge>(parameters => parameters.Add(item => item.Value, status));

            Assert.Contains(status.ToString(), badge.Find(".gp-status").TextContent, StringComparison.Ordinal);
            Assert.Equal("true", badge.Find("i").GetAttribute("aria-hidden"));
        }
    }

    [Theory]
    [InlineData(null, null, Status.Pending)]
    [InlineData("True", "Ready", Status.Ready)]
    [InlineData("False", "Reconciling", Status.Progressing)]
    [InlineData("False", "MissingDependency", Status.Degraded)]
    [InlineData("False", "InvalidSpec", Status.Failed)]
    [InlineData("Unknown", "", Status.Unknown)]
    public void Of_ReadyCondition_IsTheVerdict(string? status, string? reason, Status expected)
    {
        Assert.Equal(expected, ObjectStatus.Of(status is null ? null : new Condition { Type = "Ready", Status = status, Reason = reason! }));
    }

    [Theory]
    [InlineData(1, "1s")]
    [InlineData(119, "119s")]
    [InlineData(121, "2m")]
    [InlineData(7201, "2h")]
    [InlineData(200_000, "2d")]
    [InlineData(-5, "0s")]
    public void Describe_Age_IsShortAsInKubectl(int seconds, string expected) =>
        Assert.Equal(expected, Age.Describe(TimeSpan.FromSeconds(seconds)));
}
