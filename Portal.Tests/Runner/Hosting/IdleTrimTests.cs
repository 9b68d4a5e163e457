using Portal.Runner.Hosting;
using Portal.Tests.Shared;

namespace Portal.Tests.Runner.Hosting;

public class IdleTrimTests
{
    [Fact]
    public void Look_QuietAfterABurst_TrimsOnce()
    {
        var time = new ManualTimeProvider();
        var trims = 0;
        using var trim = new IdleTrim(time, () => trims++);
        trim.Start();
        for (var i = 0; i < 100; i++)
        {
            trim.Touch();
        }

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, trims); // busy a moment ago
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, trims);

        trim.Touch();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(1, trims); // one call leaves nothing worth a pause
    }
}
