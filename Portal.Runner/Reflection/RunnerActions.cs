using System.Collections.Concurrent;
using System.Diagnostics;
using Portal.Runner.Engine;
using Portal.Runner.Flows;
using Portal.Runner.Usage;

namespace Portal.Runner.Reflection;

/// <summary>The flows as Genkit's development tools see them: actions with a key, run one at a time by whoever asks.</summary>
internal sealed class RunnerActions(ServedFlows flows, FlowEngine engine, CallReports reports)
{
    private const string FlowPrefix = "/flow";

    // As the caller in usage records.
    private const string Caller = "genkit-tools";
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _running = new(StringComparer.Ordinal);

    /// <summary>Every action by its key. Members without a value are left out: the tools refuse null.</summary>
    public JsonObject Describe()
    {
        var actions = new JsonObject();
        foreach (var flow in flows.Current.Flows)
        {
            if (flow.Route is { } route)
            {
                actions[FlowPrefix + route.Path] = Describe(route);
            }
        }

        return actions;
    }

    /// <summary>The flow with that key, or null.</summary>
    public FlowRoute? Find(string? key) =>
        key is not null && key.StartsWith(FlowPrefix + "/", StringComparison.Ordinal) ? flows.Current.Find(key[FlowPrefix.Length..])?.Route : null;

    /// <summary>Runs a flow.</summary>
    /// <param name="route">What <see cref="Find"/> returned.</param>
    /// <param name="input">The flow's input; null is none.</param>
    /// <param name="started">Told the id of the trace before anything else happens.</param>
    /// <param name="chunk">Gets each chunk; null asks for the whole answer.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task<ActionOutcome> RunAsync(FlowRoute route, JsonNode? input, Func<string, Task> started, Func<JsonObject, Task>? chunk, CancellationToken cancellationToken)
    {
        using var activity = new Activity("genkit.flow").SetIdFormat(ActivityIdFormat.W3C).Start();
        var traceId = activity.TraceId.ToHexString();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _running[traceId] = ended;
        var callId = Guid.CreateVersion7(engine.TimeProvider.GetUtcNow()).ToString("N");
        var report = reports.Begin(route, callId, new CallOrigin(Caller));
        try
        {
            await started(traceId);
            var call = route.CallWith(InputOf(input), callId, stream: chunk is not null) with { Meter = report.Meter };
            JsonNode? result = null;
            await foreach (var step in engine.StreamAsync(call, ended.Token))
            {
                switch (step)
                {
                    case GenerateEvent.Chunk piece when chunk is not null:
                        await chunk(FlowAnswer.ChunkObject(piece));
                        break;
                    case GenerateEvent.Completed completed:
                        report.Answered(completed.Result.FinishReason, () => FlowAnswer.ResultOf(completed.Result));
                        result = FlowAnswer.ResultOf(completed.Result);
                        break;
                }
            }

            return new ActionOutcome(traceId, result, null);
        }
        catch (Exception exception)
        {
            // Whoever develops a flow is told everything.
            var status = exception is GenkitException failure ? failure.Status : ended.IsCancellationRequested ? GenkitStatus.Cancelled : GenkitStatus.Internal;
            report.Failed(status.WireName(), exception.Message);
            return new ActionOutcome(traceId, null, ActionFailure.From(exception, ended.IsCancellationRequested));
        }
        finally
        {
            _running.TryRemove(traceId, out _);
        }
    }

    /// <summary>False when no such run is under way.</summary>
    public bool Cancel(string traceId)
    {
        if (!_running.TryGetValue(traceId, out var run))
        {
            return false;
        }

        try
        {
            run.Cancel();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false; // it ended just now
        }
    }

    private static JsonObject InputOf(JsonNode? input) => input switch
    {
        null => [],
        JsonObject value => (JsonObject)value.DeepClone(),
        _ => throw new GenkitException(GenkitStatus.InvalidArgument, "The input of a flow is a JSON object."),
    };

    private static JsonObject Describe(FlowRoute route)
    {
        var action = new JsonObject { ["key"] = FlowPrefix + route.Path, ["name"] = route.Path[1..] };
        if (route.Prompt.Metadata.Description is { Length: > 0 } description)
        {
            action["description"] = description;
        }

        if (route.InputSchema is { } input)
        {
            action["inputSchema"] = input.DeepClone();
        }

        action["outputSchema"] = route.OutputSchema?.DeepClone() ?? (route.AnswersJson ? new JsonObject() : new JsonObject { ["type"] = "string" });
        action["metadata"] = new JsonObject { ["type"] = "flow" };
        return action;
    }
}

/// <summary>How a run ended: with a result or a failure.</summary>
internal sealed record ActionOutcome(string TraceId, JsonNode? Result, ActionFailure? Failure)
{
    public JsonObject ToJson() => new() { ["result"] = Result, ["telemetry"] = new JsonObject { ["traceId"] = TraceId } };
}
