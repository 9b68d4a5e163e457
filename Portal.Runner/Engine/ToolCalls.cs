using System.Globalization;
using Portal.Dotprompt.Messages;
using Portal.Runner.Telemetry;
using Portal.Runner.Tools;

namespace Portal.Runner.Engine;

/// <summary>
/// Calls the tools a model asks for. Whatever goes wrong becomes the tool's answer, <c>{"error": …}</c>, so that the model can do without or try again;
/// only the caller's cancellation ends the call.
/// </summary>
internal sealed class ToolCalls(ToolCatalog catalog, ToolBox box, GenerateCall caller, TimeProvider timeProvider)
{
    /// <summary>Requests of one turn that are answered; a model that asks for more is told so.</summary>
    public const int MaxPerTurn = 64;
    private const int MaxAtOnce = 16;
    private const double DefaultTimeoutSeconds = 30;
    private const double MaxTimeoutSeconds = 600;

    /// <summary>Begins all calls of a turn. The returned tasks are in the order of <paramref name="requests"/> and fail by cancellation only.</summary>
    public IReadOnlyList<Task<GenerateEvent.ToolAnswered>> Begin(IReadOnlyList<ToolRequestPart> requests, CancellationToken cancellationToken)
    {
        var turns = new SemaphoreSlim(MaxAtOnce);
        return [.. requests.Select((request, index) => Task.Run(() => AnswerAsync(request, index, turns, cancellationToken), CancellationToken.None))];
    }

    private async Task<GenerateEvent.ToolAnswered> AnswerAsync(ToolRequestPart request, int index, SemaphoreSlim turns, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        using var span = RunnerTelemetry.Source.StartActivity($"execute_tool {request.Name}");
        span?.SetTag("gen_ai.operation.name", "execute_tool").SetTag("gen_ai.tool.name", request.Name).SetTag("gen_ai.tool.call.id", request.Ref);
        await turns.WaitAsync(cancellationToken);
        try
        {
            if (index >= MaxPerTurn)
            {
                throw new ToolException($"more than {MaxPerTurn} tools were asked for at once.");
            }

            return Answered(await CallAsync(request, cancellationToken), failed: false);
        }
        catch (ToolException exception)
        {
            span?.SetTag("error.type", "tool_error").SetStatus(System.Diagnostics.ActivityStatusCode.Error);
            return Answered(new JsonObject { ["error"] = $"Tool \"{request.Name}\": {exception.Message}" }, failed: true);
        }
        finally
        {
            turns.Release();
        }

        GenerateEvent.ToolAnswered Answered(JsonNode? output, bool failed) =>
            new(request, new ToolResponsePart(request.Name, request.Ref, output), failed, timeProvider.GetElapsedTime(started));
    }

    private async Task<JsonNode?> CallAsync(ToolRequestPart request, CancellationToken cancellationToken)
    {
        var tool = box.Find(request.Name)
            ?? throw new ToolException($"there is no such tool. There are: {string.Join(", ", box.Names)}.");
        var input = request.Input ?? (tool.InputSchema is null ? null : new JsonObject());
        Require(tool.InputSchema, input, "the input does not match its schema");
        var limit = TimeSpan.FromSeconds(tool.Settings["timeoutSeconds"].Number() is { } seconds and > 0 ? Math.Min(seconds, MaxTimeoutSeconds) : DefaultTimeoutSeconds);
        using var timer = new CancellationTokenSource(limit, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        JsonNode? output;
        try
        {
            // A tool that does not listen to cancellation must not hold the call.
            output = await catalog.Of(tool).CallAsync(new ToolCall(tool, input, caller.Depth) { RequestId = caller.RequestId }, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"it did not answer within {limit.TotalSeconds:0.###} seconds."));
        }
        catch (Exception exception) when (exception is not (ToolException or OperationCanceledException))
        {
            throw new ToolException("it failed unexpectedly.", exception);
        }

        Require(tool.OutputSchema, output, "the answer does not match its output schema");
        return output;
    }

    private static void Require(JsonObject? schema, JsonNode? value, string what)
    {
        if (schema is not null && SchemaCheck.Validate(schema, value) is { Count: > 0 } errors)
        {
            throw new ToolException($"{what}: {SchemaCheck.Describe(errors)}.");
        }
    }
}
