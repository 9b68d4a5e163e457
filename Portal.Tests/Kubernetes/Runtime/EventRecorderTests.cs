using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Tests.Shared;

namespace Portal.Tests.Kubernetes.Runtime;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private const string Events = "/api/v1/namespaces/ns/events";
    private static readonly KubeObject s_flow = new(JsonNode.Parse(
        """{"apiVersion":"genkit.dev/v1","kind":"Flow","metadata":{"name":"summarise","namespace":"ns","uid":"u1","resourceVersion":"3"}}""")!.AsObject());

    private readonly FakeObjects _server = new();
    private readonly ManualTimeProvider _time = new();
    private readonly EventRecorder _recorder;

    public EventRecorderTests() => _recorder = new EventRecorder(_server.Client, "genkit-operator", _time);

    [Fact]
    public async Task Record_WritesACoreEvent()
    {
        _recorder.Record(s_flow, "Warning", "MissingDependency", "Model fast is missing.");
        await _recorder.DisposeAsync();
        var written = Assert.Single(_server.All(Events));
        Assert.StartsWith("summarise.", written["metadata"]!["name"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            """{"apiVersion":"genkit.dev/v1","kind":"Flow","namespace":"ns","name":"summarise","uid":"u1"}""",
            written["involvedObject"]!.ToJsonString());
        Assert.Equal(("Warning", "MissingDependency", "Model fast is missing."), (Text(written, "type"), Text(written, "reason"), Text(written, "message")));
        Assert.Equal(("1", "genkit-operator"), (Text(written, "count"), written["source"]!["component"]!.ToString()));
        Assert.Equal(("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z"), (Text(written, "firstTimestamp"), Text(written, "lastTimestamp")));
    }

    [Fact]
    public async Task Record_Repeats_RaiseTheCountOfOneEvent()
    {
        await RecordAsync("again", "POST");
        _time.Advance(TimeSpan.FromMinutes(5));
        await RecordAsync("again", "PATCH");
        await RecordAsync("other", "POST");
        await _recorder.DisposeAsync();
        var again = Assert.Single(_server.All(Events), item => Text(item, "message") == "again");
        Assert.Equal(("2", "2030-01-01T00:00:00Z", "2030-01-01T00:05:00Z"), (Text(again, "count"), Text(again, "firstTimestamp"), Text(again, "lastTimestamp")));
        Assert.Equal(2, _server.All(Events).Count);
    }

    [Fact]
    public async Task Record_ManyAtOnce_IsOneEventWithTheirCount()
    {
        for (var i = 0; i < 500; i++)
        {
            _recorder.Record(s_flow, "Normal", "Applied", "same");
        }

        await _recorder.DisposeAsync();
        Assert.Equal("500", Text(Assert.Single(_server.All(Events)), "count"));
    }

    [Fact]
    public async Task Record_ManyMessagesOfOneReason_ShareOneEventFromTheEleventhOn()
    {
        for (var i = 1; i <= 14; i++)
        {
            await RecordAsync($"attempt {i}", i < 12 ? "POST" : "PATCH");
        }

        await _recorder.DisposeAsync();
        Assert.Equal(11, _server.All(Events).Count);
        var combined = Assert.Single(_server.All(Events), item => Text(item, "message").StartsWith("(combined from similar events): ", StringComparison.Ordinal));
        Assert.Equal(("(combined from similar events): attempt 14", "4"), (Text(combined, "message"), Text(combined, "count")));
    }

    [Fact]
    public async Task Record_ManyWritesAboutOneObject_AreLimitedAndOthersAreNot()
    {
        await RecordAsync("again", "POST");
        for (var i = 2; i <= 25; i++)
        {
            await RecordAsync("again", "PATCH");
        }

        // Nothing is written for these two; the other object's event shows when their turn was.
        _recorder.Record(s_flow, "Normal", "Applied", "again");
        _recorder.Record(s_flow, "Normal", "New", "unheard");
        var other = _server.AfterAsync($"POST {Events}");
        _recorder.Record(new KubeObject(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other", ["namespace"] = "ns" } }), "Normal", "Applied", "other");
        await other;
        Assert.Equal("25", Text(Again(), "count"));

        _time.Advance(TimeSpan.FromMinutes(5));
        await RecordAsync("again", "PATCH");
        await _recorder.DisposeAsync();
        Assert.Equal("27", Text(Again(), "count"));
        Assert.DoesNotContain(_server.All(Events), item => Text(item, "message") == "unheard");

        JsonObject Again() => Assert.Single(_server.All(Events), item => Text(item, "message") == "again");
    }

    [Fact]
    public async Task Record_EventExpiredOnTheServer_IsCreatedAnew()
    {
        await RecordAsync("again", "POST");
        _server.Clear();
        await RecordAsync("again", "POST");
        await _recorder.DisposeAsync();
        Assert.Equal("1", Text(Assert.Single(_server.All(Events)), "count"));
    }

    [Fact]
    public async Task Record_RepeatAfterALongRest_IsANewEvent()
    {
        await RecordAsync("again", "POST");
        _time.Advance(TimeSpan.FromMinutes(11));
        await RecordAsync("again", "POST");
        await _recorder.DisposeAsync();
        Assert.Equal(2, _server.All(Events).Count);
    }

    [Fact]
    public async Task Record_ServerGoneForAMoment_TriesAgain()
    {
        _server.Reachable = _ => false;
        await RecordAsync("kept", "POST");
        await _time.TimerWithinAsync(TimeSpan.FromSeconds(1));
        _server.Reachable = _ => true;
        _time.Advance(TimeSpan.FromSeconds(1));
        await _recorder.DisposeAsync();
        Assert.Single(_server.All(Events));
    }

    [Fact]
    public async Task Record_ServerNeverAnswers_NeitherThrowsNorBlocks()
    {
        _server.Reachable = _ => false;
        for (var i = 0; i < 5000; i++)
        {
            _recorder.Record(s_flow, "Normal", "Flood", $"message {i}");
        }

        var disposal = _recorder.DisposeAsync().AsTask();
        while (!disposal.IsCompleted)
        {
            await Task.WhenAny(disposal, _time.AdvanceToTimerAsync(TimeSpan.FromSeconds(3)));
        }

        await disposal;
        Assert.Empty(_server.All(Events));
    }

    [Fact]
    public async Task Record_ClusterScopedObject_GoesToDefault()
    {
        _recorder.Record(new KubeObject(JsonNode.Parse("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}}""")!.AsObject()), "Normal", "Seen", "m");
        await _recorder.DisposeAsync();
        Assert.Single(_server.All("/api/v1/namespaces/default/events"));
    }

    [Fact]
    public async Task Record_LongNameAndMessage_AreCut()
    {
        var name = new string('n', 253);
        _recorder.Record(new KubeObject(new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "ns" } }), "Normal", "Long", new string('m', 5000));
        await _recorder.DisposeAsync();
        var written = Assert.Single(_server.All(Events));
        Assert.Equal(253, written["metadata"]!["name"]!.ToString().Length);
        Assert.Equal(1024, Text(written, "message").Length);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _recorder.DisposeAsync();

    private async Task RecordAsync(string message, string method)
    {
        var written = _server.AfterAsync($"{method} {Events}");
        _recorder.Record(s_flow, "Normal", "Applied", message);
        await written;
    }

    private static string Text(JsonObject json, string name) => json[name]!.ToString();
}
