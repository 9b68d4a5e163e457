using System.Net;
using System.Runtime.CompilerServices;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>Calls that end early: the caller leaves, or the runner stops.</summary>
public class FlowLifetimeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/event-stream")]
    public async Task Post_CallerLeaves_TheProviderIsCancelled(string accept)
    {
        await using var runner = await RunningServer.StartAsync(new FakeProvider((_, cancellationToken) => Waiting(cancellationToken)));
        using var leave = new CancellationTokenSource();
        var call = runner.PostAsync("/hello", """{"name":"Bo"}""", accept, cancellationToken: leave.Token);
        await _asked.Task.WaitAsync(s_patience);

        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await _cancelled.Task.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Stop_CallRuns_LetsItFinish()
    {
        await using var runner = await RunningServer.StartAsync(new FakeProvider((_, cancellationToken) => Waiting(cancellationToken)));
        var call = runner.PostAsync("/hello", """{"name":"Bo"}""");
        await _asked.Task.WaitAsync(s_patience);
        var stop = runner.Server.StopAsync(CancellationToken.None);

        Assert.False(stop.IsCompleted);
        _release.SetResult();

        using var response = await call;
        Assert.Equal("done", await response.Content.ReadAsStringAsync());
        await stop.WaitAsync(s_patience);
    }

    [Fact]
    public async Task Stop_CallOutlastsTheDrain_EndsItWithAClearError()
    {
        await using var runner = await RunningServer.StartAsync(new FakeProvider((_, cancellationToken) => Waiting(cancellationToken)),
            change: static options => options with { Drain = TimeSpan.Zero });
        var call = runner.PostAsync("/hello", """{"name":"Bo"}""");
        await _asked.Task.WaitAsync(s_patience);

        var stop = runner.Server.StopAsync(CancellationToken.None);

        using var response = await call;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("stopping", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await stop.WaitAsync(s_patience);
    }

    private async IAsyncEnumerable<ModelChunk> Waiting([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _asked.SetResult();
        try
        {
            await _release.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.SetResult();
            throw;
        }

        yield return FakeProvider.Text("done");
        yield return FakeProvider.End;
    }
}
