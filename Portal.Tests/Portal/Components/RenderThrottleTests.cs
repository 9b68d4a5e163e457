using Portal.Components;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Components;

public class RenderThrottleTests
{
    private readonly ManualTimeProvider _clock = new();
    private int _renders;

    [Fact]
    public void Request_First_RendersAtOnce()
    {
        using var throttle = NewThrottle();

        throttle.Request();

        Assert.Equal(1, _renders);
    }

    [Fact]
    public void Request_ManyATime_RendersTenTimesASecondAndNeverLosesTheLast()
    {
        using var throttle = NewThrottle();

        for (var i = 0; i < 950; i++)
        {
            throttle.Request();
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(10, _renders);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(11, _renders);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(11, _renders);
    }

    [Fact]
    public void Request_AfterDispose_RendersNothing()
    {
        var throttle = NewThrottle();
        throttle.Request();
        throttle.Request();

        throttle.Dispose();
        throttle.Request();
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _renders);
    }

    private RenderThrottle NewThrottle() => new(
        () =>
        {
            _renders++;
            return Task.CompletedTask;
        },
        _clock);
}
