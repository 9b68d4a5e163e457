using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator;
using Portal.Tests.Shared;

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

    [Fact]
    public async Task StartAsync_AccountThatMayNotInstall_WorksWithTheKindsThereAre()
    {
        var space = await fixture.NewNamespaceAsync();
        using var refusing = new ForbiddenDefinitions(fixture.Client.Connection.Handler);
        await using var host = new HostedOperator(fixture, space.Name, new OperatorOptions(), refusing);

        await host.StartAsync();

        Assert.NotEqual(0, refusing.Refused);
        await space.ApplyAsync("kind: Prompt\nmetadata: {name: p}\nspec: {content: Hi.}");
        await space.UntilReadyIsAsync("Prompt", "p", "True", "prompt content parsed");
    }

    [Fact]
    public async Task RunControllers_Off_ShowsObjectsAndWritesNothing()
    {
        var space = await fixture.NewNamespaceAsync();
        await using var portal = new HostedOperator(fixture, space.Name, new OperatorOptions { RunControllers = false, LeaderElection = true });
        await portal.StartAsync();

        Assert.True(portal.Host.IsSynced);
        Assert.Empty(portal.Writes);
        Assert.DoesNotContain(portal.Connection.Requests, request => request.Contains("/leases", StringComparison.Ordinal));
    }

    [Fact]
    public async Task IsSynced_OfAStandBy_IsTrueWhileAnotherLeads()
    {
        var space = await fixture.NewNamespaceAsync();
        var options = new OperatorOptions { LeaderElection = true, LeaderElectionNamespace = space.Name };
        await using var leader = new HostedOperator(fixture, space.Name, options);
        await leader.StartAsync();
        await using var standBy = new HostedOperator(fixture, space.Name, options);

        await standBy.Host.StartAsync(CancellationToken.None);

        await standBy.Host.WaitUntilSyncedAsync(CancellationToken.None).WaitAsync(s_patience);
        Assert.True(standBy.Host.IsSynced);
        Assert.False(standBy.Host.WaitUntilRunningAsync(CancellationToken.None).IsCompleted);
    }

    // Time stands still but for what the test moves; the server and its answers are real.
    [Fact]
    public async Task Server_AwayForAMinute_EverythingThatHappenedIsMadeGood()
    {
        var space = await fixture.NewNamespaceAsync();
        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = new HostedOperator(fixture, space.Name, new OperatorOptions(), time: time);
        await host.StartAsync();
        await space.ApplyAsync("kind: Prompt\nmetadata: {name: p}\nspec: {content: Hi.}");
        foreach (var name in new[] { "kept", "gone" })
        {
            await space.ApplyAsync($"kind: Flow\nmetadata: {{name: {name}}}\nspec: {{image: x, prompts: [{{promptRef: {{name: p}}}}]}}");
            await space.UntilAsync("Deployment", name, _ => true);
        }

        await host.Connection.CutAsync();
        await space.ApplyAsync("kind: Prompt\nmetadata: {name: p}\nspec: {content: Later.}");
        await space.DeleteAsync("Service", "kept");
        await space.DeleteAsync("Flow", "gone");
        await space.ApplyAsync("kind: Flow\nmetadata: {name: new}\nspec: {image: x}");
        time.Advance(TimeSpan.FromMinutes(1));
        host.Connection.Mend();

        var healed = Task.WhenAll(
            space.UntilAsync("ConfigMap", "kept-prompts", map => (string?)map.Json["data"]!["p.prompt"] == "Later."),
            space.UntilAsync("Service", "kept", _ => true),
            space.UntilAsync("Deployment", "new", _ => true));
        while (!healed.IsCompleted)
        {
            // However often they have tried by now, no pause is longer than half a minute.
            time.Advance(TimeSpan.FromSeconds(30));
            await Task.WhenAny(healed, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        }

        await healed;
        await space.UntilGoneAsync("Deployment", "gone");
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

    /// <summary>A server that lets nobody apply definitions.</summary>
    private sealed class ForbiddenDefinitions(HttpMessageHandler inner) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _inner = new(inner, disposeHandler: false);
        private int _refused;

        public int Refused => _refused;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.Contains("/customresourcedefinitions", StringComparison.Ordinal))
            {
                return _inner.SendAsync(request, cancellationToken);
            }

            Interlocked.Increment(ref _refused);
            var body = """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"no","code":403}""";
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent(body) });
        }

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
