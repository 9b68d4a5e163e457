using System.Diagnostics;
using System.Globalization;
using Portal.Runner.Engine;
using Portal.Runner.Hosting;
using Portal.Runner.Tools;
using Portal.Runner.Usage;

namespace Portal.Runner.Flows;

/// <summary>Runs one call of a flow and answers it.</summary>
internal sealed partial class FlowEndpoints(
    FlowEngine engine, RunnerOptions options, DrainSignal drain, IdleTrim idle, CallReports reports, ILogger<FlowEndpoints> logger)
{
    public async Task CallAsync(HttpContext context, FlowRoute route)
    {
        var callId = Guid.CreateVersion7(engine.TimeProvider.GetUtcNow()).ToString("N");
        context.Response.Headers[FlowAnswer.CallIdHeader] = callId;
        context.Response.Headers[RequestId.Header] = RequestId.Of(context.Request) ?? callId;
        if (Activity.Current is { } activity)
        {
            context.Response.Headers[FlowAnswer.TraceIdHeader] = activity.TraceId.ToHexString();
            context.Response.Headers[FlowAnswer.SpanIdHeader] = activity.SpanId.ToHexString();
        }

        idle.Touch();
        var report = reports.Begin(context.Request, route, callId);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.CallsMustEnd);
        try
        {
            var input = await FlowInput.ReadAsync(context.Request, route.InputSchema, options.MaxBodyBytes, ended.Token);
            var format = AnswerFormats.Choose(context.Request, input.IsEnvelope);
            var call = route.CallWith(input.Value, callId, format == AnswerFormat.EventStream) with { Depth = DepthOf(context.Request), Meter = report.Meter };
            await RunAsync(context.Response, call, format, report, ended.Token);
        }
        catch (Exception exception)
        {
            await FailAsync(context, route, callId, report, exception);
        }
    }

    /// <summary>A header that makes no sense counts as the deepest call: it comes from nobody who means well.</summary>
    private static int DepthOf(HttpRequest request) => request.Headers[FlowTool.DepthHeader] switch
    {
        [] => 0,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var depth) => depth,
        _ => FlowTool.MaxDepth,
    };

    private async Task RunAsync(HttpResponse response, GenerateCall call, AnswerFormat format, CallReport report, CancellationToken cancellationToken)
    {
        var streaming = format == AnswerFormat.EventStream;
        await foreach (var step in engine.StreamAsync(call, cancellationToken))
        {
            switch (step)
            {
                case GenerateEvent.Chunk chunk when streaming:
                    idle.Touch();
                    await FlowAnswer.WriteChunkAsync(response, chunk, cancellationToken);
                    break;
                case GenerateEvent.ToolAnswered { Failed: true } answered:
                    Log.ToolFailed(logger, call.CallId, answered.Request.Name, (long)answered.Duration.TotalMilliseconds);
                    break;
                case GenerateEvent.Completed completed:
                    report.Answered(completed.Result.FinishReason);
                    await (streaming
                        ? FlowAnswer.WriteResultAsync(response, completed.Result, cancellationToken)
                        : FlowAnswer.WriteWholeAsync(response, format, completed.Result, cancellationToken));
                    break;
            }
        }
    }

    private async Task FailAsync(HttpContext context, FlowRoute route, string callId, CallReport report, Exception exception)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            report.Failed(GenkitStatus.Cancelled.WireName());
            Log.CallerLeft(logger, callId, route.Path);
            return;
        }

        var (httpStatus, error) = Describe(exception, callId);
        report.Failed((string)error["status"]!);
        FlowAnswer.SetRetryAfter(context.Response, (exception as GenkitException)?.RetryAfter);

        if (httpStatus == StatusCodes.Status500InternalServerError)
        {
            Log.CallFailed(logger, callId, route.Path, exception);
        }
        else
        {
            Log.CallRefused(logger, callId, route.Path, httpStatus, exception.Message);
        }

        await FlowAnswer.WriteErrorAsync(context.Response, httpStatus, error, context.RequestAborted);
    }

    private static (int HttpStatus, JsonObject Error) Describe(Exception exception, string callId) => exception switch
    {
        GenkitException failure => ((int)failure.Status, FlowAnswer.ErrorObject(failure.Status.WireName(), failure.Message, failure.Details)),
        RequestRefusedException refused => (refused.HttpStatus, FlowAnswer.ErrorObject(GenkitStatus.InvalidArgument.WireName(), refused.Message, null)),
        BadHttpRequestException bad => (bad.StatusCode, FlowAnswer.ErrorObject(GenkitStatus.InvalidArgument.WireName(), bad.Message, null)),
        OperationCanceledException => (StatusCodes.Status503ServiceUnavailable,
            FlowAnswer.ErrorObject(GenkitStatus.Unavailable.WireName(), "The runner is stopping. Try again.", null)),
        _ => (StatusCodes.Status500InternalServerError,
            FlowAnswer.ErrorObject(GenkitStatus.Internal.WireName(), "Something unexpected went wrong; the runner's log has the call id.", new JsonObject { ["callId"] = callId })),
    };

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "Call {CallId} of {Route} was refused with {HttpStatus}: {Reason}")]
        public static partial void CallRefused(ILogger logger, string callId, string route, int httpStatus, string reason);

        [LoggerMessage(3, LogLevel.Error, "Call {CallId} of {Route} failed")]
        public static partial void CallFailed(ILogger logger, string callId, string route, Exception exception);

        [LoggerMessage(4, LogLevel.Information, "Call {CallId} of {Route} was cancelled: the caller left")]
        public static partial void CallerLeft(ILogger logger, string callId, string route);

        // Not why: that may quote what the model wrote. The trace and the stream have it.
        [LoggerMessage(5, LogLevel.Warning, "Call {CallId}: the tool {Tool} failed after {DurationMs} ms; the model was told why")]
        public static partial void ToolFailed(ILogger logger, string? callId, string tool, long durationMs);
    }
}
