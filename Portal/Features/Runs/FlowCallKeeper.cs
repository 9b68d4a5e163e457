using System.Text;
using Portal.Components.Inputs;
using Portal.Data;
using Portal.Features.Flows.Proxy;
using Portal.Features.Playground;
using Portal.Runner.Contract;

namespace Portal.Features.Runs;

/// <summary>Keeps calls of flows that go through the portal, where the namespace's policy says so. What is not to be kept is not even looked at.</summary>
internal sealed partial class FlowCallKeeper(PortalDatabase database, RunPolicies policies, KeptCalls calls, ILogger<FlowCallKeeper> logger) : IFlowCallListener
{
    public async ValueTask<bool> WantsAsync(string @namespace)
    {
        try
        {
            return (await policies.PolicyAsync(@namespace)).Flows != RunKeeping.Off;
        }
        catch (System.Data.Common.DbException exception)
        {
            // The call is worth more than its record.
            Log.NotKept(logger, exception);
            return false;
        }
    }

    public async Task KeepAsync(FlowCall call)
    {
        var failed = call.Status is < 200 or > 299;
        var (output, error) = FlowOutput.Read(call.Answer, call.ContentType);
        try
        {
            var run = new RunSnapshot
            {
                Id = call.Id ?? Guid.CreateVersion7(call.StartedAt).ToString("N"),
                Namespace = call.Namespace,
                Prompt = call.Route,
                Flow = call.Flow,
                Source = RunSnapshot.FromFlow,
                Caller = call.Caller,
                CallerId = call.CallerId,
                Input = InputOf(call.Body),
                StartedAt = call.StartedAt,
                State = failed || error is not null ? RunState.Failed : RunState.Completed,
                Output = failed ? "" : output,
                Error = failed || error is not null ? new RunError(call.Status.ToString(System.Globalization.CultureInfo.InvariantCulture), error ?? output, null) : null,
                Duration = call.Duration,
            };
            await database.WriteAsync(context => calls.KeepAsync(context, run), CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The answer was sent: whatever it was, it is no error of the call.
            Log.NotKept(logger, exception);
        }
    }

    /// <summary>A body that is no object is kept as one value.</summary>
    private static JsonObject InputOf(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span);
        return !InputJson.TryParse(text, out var input, out _) ? new JsonObject { ["body"] = text }
            : input is JsonObject map ? map["data"] is JsonObject data && map.Count == 1 ? (JsonObject)data.DeepClone() : map
            : new JsonObject { ["body"] = input };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A call of a flow could not be kept in the history")]
        public static partial void NotKept(ILogger logger, Exception exception);
    }
}
