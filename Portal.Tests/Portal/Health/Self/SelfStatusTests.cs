using Microsoft.Extensions.Logging.Abstractions;
using Portal.Components;
using Portal.Features.Health.Self;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Health.Self;

public class SelfStatusTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public async Task ReadAsync_ProbeThatThrows_IsUnknownAndHidesNoOther()
    {
        var status = New(new Probe("good", _ => Item("good", Status.Ready)), new Probe("bad", _ => throw new InvalidOperationException("secret words")));

        var report = await status.ReadAsync();

        Assert.Equal(["good Ready", "bad Unknown"], report.Items.Select(item => $"{item.Group} {item.Status}"));
        Assert.Equal(Status.Unknown, report.Status);
        Assert.DoesNotContain("secret words", string.Join(' ', report.Items), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_ProbeThatHangs_HoldsUpNoOther()
    {
        var status = New(new Probe("good", _ => Item("good", Status.Ready)), new Probe("stuck", _ => new TaskCompletionSource<IReadOnlyList<SelfItem>>().Task));

        var reading = status.ReadAsync();
        while (!reading.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(["good Ready", "stuck Unknown"], (await reading).Items.Select(item => $"{item.Group} {item.Status}"));
    }

    [Theory]
    [InlineData(Status.Ready, Status.Paused, Status.Ready)]
    [InlineData(Status.Ready, Status.Degraded, Status.Degraded)]
    [InlineData(Status.Degraded, Status.Failed, Status.Failed)]
    public async Task ReadAsync_All_IsAsBadAsTheWorst(Status one, Status other, Status expected) =>
        Assert.Equal(expected, (await New(new Probe("a", _ => Item("a", one)), new Probe("b", _ => Item("b", other))).ReadAsync()).Status);

    [Fact]
    public async Task ReadAsync_ManyAtOnce_AskEachProbeOnce()
    {
        var asked = 0;
        var status = New(new Probe("a", _ =>
        {
            asked++;
            return Item("a", Status.Ready);
        }));

        await status.ReadAsync();
        await status.ReadAsync();
        Assert.Equal(1, asked);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await status.ReadAsync();
        Assert.Equal(2, asked);
    }

    private SelfStatus New(params ISelfProbe[] probes) => new(probes, _clock, NullLogger<SelfStatus>.Instance);

    private static Task<IReadOnlyList<SelfItem>> Item(string name, Status status) => Task.FromResult<IReadOnlyList<SelfItem>>([new SelfItem(name, name, status, "")]);

    private sealed class Probe(string group, Func<CancellationToken, Task<IReadOnlyList<SelfItem>>> read) : ISelfProbe
    {
        public string Group => group;

        public Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken) => read(cancellationToken);
    }
}
