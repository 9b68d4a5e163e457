using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class ControllerTests : IAsyncLifetime
{
    private readonly FakeServer _server = new();
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeReconciler _reconciler = new();
    private readonly Informer<KubeObject> _informer;
    private Task _running = Task.CompletedTask;

    public ControllerTests() =>
        _informer = new Informer<KubeObject>(_server.Client.Resource(BuiltIn.ConfigMap), null, _time, NullLogger.Instance, () => 0);

    [Fact]
    public async Task For_Objects_AreReconciledByKey()
    {
        var watch = await StartAsync(controller => controller.For(_informer), "a@1");
        Assert.Equal(new ResourceRef("", "ConfigMap", "default", "a"), await _reconciler.NextAsync());
        await watch.SendAsync("DELETED", "a@2");
        Assert.Equal("a", (await _reconciler.NextAsync()).Name);
    }

    [Fact]
    public async Task Resync_ItsTimeComes_ReconcilesEveryPrimaryAgain()
    {
        var period = TimeSpan.FromMinutes(10);
        var controller = new Controller("test", _reconciler, 1, _time, NullLogger.Instance) { Resync = period }.For(_informer);
        _running = Task.WhenAll(controller.RunAsync(_stop.Token), _informer.RunAsync(_stop.Token));
        (await _server.NextAsync()).AnswerList("1", "a@1", "b@1");
        await _reconciler.NextAsync();
        await _reconciler.NextAsync();
        await _time.TimerWithinAsync(period);

        _time.Advance(period + (period / 10));

        Assert.Equal(["a", "b"], new[] { (await _reconciler.NextAsync()).Name, (await _reconciler.NextAsync()).Name }.Order());
    }

    [Fact]
    public async Task RunAsync_NotSynced_DoesNotReconcile()
    {
        var controller = New().For(_informer);
        _running = Task.WhenAll(controller.RunAsync(_stop.Token), _informer.RunAsync(_stop.Token));
        var list = await _server.NextAsync();
        list.AnswerPage("1", "more", "a@1");
        var rest = await _server.NextAsync();
        Assert.Equal(0, _reconciler.Calls);
        rest.AnswerPage("1", "", "b@1");
        await _reconciler.NextAsync();
    }

    [Fact]
    public async Task Owns_Child_EnqueuesItsControllerOwner()
    {
        var watch = await StartAsync(controller => controller.Owns(_informer, "genkit.dev", "Flow"));
        await watch.SendLineAsync(Child("other", "apps/v1", "Flow", true));
        await watch.SendLineAsync(Child("plain", "genkit.dev/v1", "Flow", false));
        await watch.SendLineAsync(Child("mine", "genkit.dev/v1", "Flow", true));
        Assert.Equal(new ResourceRef("genkit.dev", "Flow", "ns", "mine"), await _reconciler.NextAsync());
    }

    [Fact]
    public async Task Watches_Modified_EnqueuesForOldAndNewState()
    {
        var watch = await StartAsync(controller => controller.Watches(_informer, item => [new ResourceRef("", "X", null, item.ResourceVersion)]), "a@1");
        Assert.Equal("1", (await _reconciler.NextAsync()).Name);
        await watch.SendAsync("MODIFIED", "a@2");
        Assert.Equal("1", (await _reconciler.NextAsync()).Name);
        Assert.Equal("2", (await _reconciler.NextAsync()).Name);
    }

    [Fact]
    public async Task Watches_MapThrows_OthersGoOn()
    {
        await StartAsync(
            controller => controller.Watches(_informer, item => item.Name == "bad" ? throw new JsonException() : [new ResourceRef("", "X", null, item.Name)]),
            "bad@1",
            "good@2");
        Assert.Equal("good", (await _reconciler.NextAsync()).Name);
    }

    [Fact]
    public async Task Reconcile_Throws_IsRetriedWithGrowingDelay()
    {
        _reconciler.Results.Enqueue(() => throw new InvalidOperationException("first"));
        _reconciler.Results.Enqueue(() => throw new InvalidOperationException("second"));
        _reconciler.Results.Enqueue(() => ReconcileResult.Done);
        await StartAsync(controller => controller.For(_informer), "a@1");
        await _reconciler.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(50), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(60)));
        await _reconciler.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(100), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(60)));
        await _reconciler.NextAsync();
    }

    [Fact]
    public async Task Reconcile_After_IsDoneAgainThen()
    {
        _reconciler.Results.Enqueue(() => ReconcileResult.After(TimeSpan.FromSeconds(42)));
        await StartAsync(controller => controller.For(_informer), "a@1");
        await _reconciler.NextAsync();
        Assert.Equal(TimeSpan.FromSeconds(42), await _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(60)));
        await _reconciler.NextAsync();
    }

    [Fact]
    public async Task Reconcile_TerminalException_WaitsForTheNextChange()
    {
        _reconciler.Results.Enqueue(() => throw new TerminalException("cannot be mended"));
        var watch = await StartAsync(controller => controller.For(_informer), "a@1");
        await _reconciler.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(100));
        await watch.SendAsync("ADDED", "b@3");
        Assert.Equal("b", (await _reconciler.NextAsync()).Name);
        await watch.SendAsync("MODIFIED", "a@4");
        Assert.Equal("a", (await _reconciler.NextAsync()).Name);
    }

    [Fact]
    public async Task RunAsync_Cancelled_WaitsForTheReconcileUnderWay()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        _reconciler.Work = async () =>
        {
            entered.SetResult();
            await leave.Task;
        };
        await StartAsync(controller => controller.For(_informer), "a@1");
        await entered.Task.WaitAsync(ManualTimeProvider.Patience);
        await _stop.CancelAsync();
        Assert.False(_running.IsCompleted);
        leave.SetResult();
        await _running.WaitAsync(ManualTimeProvider.Patience);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(ManualTimeProvider.Patience);
    }

    private Controller New() => new("test", _reconciler, 1, _time, NullLogger.Instance);

    private async Task<FakeServer.FakeWatch> StartAsync(Func<Controller, Controller> configure, params string[] items)
    {
        var controller = configure(New());
        _running = Task.WhenAll(controller.RunAsync(_stop.Token), _informer.RunAsync(_stop.Token));
        (await _server.NextAsync()).AnswerList("5", items);
        return (await _server.NextAsync()).AnswerWatch();
    }

    private static string Child(string owner, string apiVersion, string kind, bool controller) =>
        $$"""
        {"type":"ADDED","object":{"metadata":{"name":"child-{{owner}}","namespace":"ns","uid":"{{owner}}","resourceVersion":"9","ownerReferences":[
        {"apiVersion":"{{apiVersion}}","kind":"{{kind}}","name":"{{owner}}","uid":"u","controller":{{(controller ? "true" : "false")}} } ]} } }
        """.ReplaceLineEndings("");

    private sealed class FakeReconciler : IReconciler
    {
        private readonly Channel<ResourceRef> _keys = Channel.CreateUnbounded<ResourceRef>();
        private int _calls;

        public Queue<Func<ReconcileResult>> Results { get; } = new();
        public Func<Task> Work { get; set; } = () => Task.CompletedTask;
        public int Calls => Volatile.Read(ref _calls);

        public async Task<ResourceRef> NextAsync() => await _keys.Reader.ReadAsync().AsTask().WaitAsync(ManualTimeProvider.Patience);

        public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            _keys.Writer.TryWrite(key);
            await Work();
            return Results.TryDequeue(out var result) ? result() : ReconcileResult.Done;
        }
    }
}
