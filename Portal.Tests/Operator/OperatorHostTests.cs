using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator;

namespace Portal.Tests.Operator;

public class OperatorHostTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task StopAsync_OfTheLeader_LetsTheOtherWork()
    {
        var space = await fixture.NewNamespaceAsync();
        var options = new OperatorOptions { LeaderElection = true, LeaderElectionNamespace = space.Name };
        await using var first = Host(options);
        await using var second = Host(options);
        await first.StartAsync(CancellationToken.None);
        await first.WaitUntilRunningAsync(CancellationToken.None).WaitAsync(s_patience);
        await second.StartAsync(CancellationToken.None);
        await space.ApplyAsync("""
            kind: Prompt
            metadata: {name: p}
            spec: {content: Hi.}
            """);
        await space.UntilReadyIsAsync("Prompt", "p", "True", "prompt content parsed");
        var waiting = second.WaitUntilRunningAsync(CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        await first.StopAsync(CancellationToken.None);

        await waiting.WaitAsync(s_patience);
        await space.PatchAsync("Prompt", "p", """{"spec":{"content":" "}}""");
        await space.UntilReadyIsAsync("Prompt", "p", "False", "spec.content is empty");
    }

    [Fact]
    public async Task StopAsync_WhileTheServerIsAway_EndsAtOnce()
    {
        using var handler = new AwayHandler();
        var client = new KubeClient(fixture.Client.Connection with { Handler = handler });
        await using var events = new EventRecorder(client, "genkit-operator", TimeProvider.System);
        await using var host = new OperatorHost(client, Informers(client), events, new OperatorOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        await host.StartAsync(CancellationToken.None);
        await handler.Asked.WaitAsync(s_patience);

        await host.StopAsync(CancellationToken.None).WaitAsync(s_patience);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.WaitUntilRunningAsync(CancellationToken.None));
    }

    private OperatorHost Host(OperatorOptions options) =>
        new(fixture.Client, Informers(fixture.Client), fixture.Events, options, TimeProvider.System, NullLoggerFactory.Instance);

    private static InformerFactory Informers(KubeClient client) =>
        new(client, @namespace: null, TimeProvider.System, NullLoggerFactory.Instance);

    private sealed class AwayHandler : HttpMessageHandler
    {
        private readonly TaskCompletionSource _asked = new();

        public Task Asked => _asked.Task;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            throw new HttpRequestException("Connection refused");
        }
    }
}
