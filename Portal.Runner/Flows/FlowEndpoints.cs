using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Runner.Budgets;
using Portal.Runner.Contract;
using Portal.Runner.Engine;
using Portal.Runner.Hosting;
using Portal.Runner.Tools;
using Portal.Runner.Usage;

namespace Portal.Runner.Flows;

/// <summary>Runs one call of a flow and answers it.</summary>
internal sealed partial class FlowEndpoints(
    FlowEngine engine, RunnerOptions options, DrainSignal drain, IdleTrim idle, CallReports reports, BudgetGate budgets, ILogger<FlowEndpoints> logger)
{
    /// <summary>Characters of an input or an answer in one log line.</summary>
    private const int MostLogged = 16 * 1024;

    public async Task CallAsync(HttpContext context, FlowRoute route)
    {
        var callId = Guid.CreateVersion7(engine.TimeProvider.GetUtcNow()).ToString("N");
        context.Response.Headers[FlowAnswer.CallIdHeader] = callId;
        var requestId = RequestId.Of(context.Request) ?? callId;
        context.Response.Headers[RequestId.Header] = requestId;
        if (Activity.Current is { } activity)
        {
            context.Response.Headers[FlowAnswer.TraceIdHeader] = activity.TraceId.ToHexString();
            context.Response.Headers[FlowAnswer.SpanIdHeader] = activity.SpanId.ToHexString();
        }

        idle.Touch();
        var origin = CallOrigin.Of(context.Request.Headers);
        var report = reports.Begin(route, callId, origin);
        using var limit = new CancellationTokenSource(options.CallTimeout > TimeSpan.Zero ? options.CallTimeout : Timeout.InfiniteTimeSpan, engine.TimeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, drain.CallsMustEnd, limit.Token);
        try
        {
            budgets.Check(new BudgetedCall(options.Namespace, route.Flow, origin.Caller, origin.Team, origin.Token));
            var input = await FlowInput.ReadAsync(context.Request, route.InputSchema, options.MaxBodyBytes, ended.Token);
            report.Asked(input);
            var format = AnswerFormats.Choose(context.Request, input.IsEnvelope);
            var call = route.CallWith(input.Value, callId, format == AnswerFormat.EventStream) with
            {
                Depth = DepthOf(context.Request),
                History = CallerAnswers.Read(input.Init, route),
                RequestId = requestId,
                Meter = report.Meter,
            };
            if (options.LogContent)
            {
                Log.Asked(logger, callId, Cut(call.Input.ToJsonString()));
            }

            await (format == AnswerFormat.EventStream
                ? StreamAsync(context.Response, call, report, ended.Token)
                : AnswerAsync(context.Response, call, format, report, ended.Token));
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            await FailAsync(context, route, callId, report, TookTooLong(exception));
        }
        catch (Exception exception)
        {
            await FailAsync(context, route, callId, report, exception);
        }
    }

    private GenkitException TookTooLong(Exception inner) => new(
        GenkitStatus.DeadlineExceeded, $"The call took longer than {options.CallTimeout.TotalSeconds:0.###} seconds ({RunnerOptions.CallTimeoutVariable}).", inner);

    /// <summary>A header that makes no sense counts as the deepest call: it comes from nobody who means well.</summary>
    private static int DepthOf(HttpRequest request) => request.Headers[FlowTool.DepthHeader] switch
    {
        [] => 0,
        [var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var depth) => depth,
        _ => FlowTool.MaxDepth,
    };

    private async Task AnswerAsync(HttpResponse response, GenerateCall call, AnswerFormat format, CallReport report, CancellationToken cancellationToken)
    {
        await foreach (var step in engine.StreamAsync(call, cancellationToken))
        {
            NoteFailedTool(call, step);
            if (step is GenerateEvent.Completed { Result: var result })
            {
                Answered(result, call, report);
                await FlowAnswer.WriteWholeAsync(response, format, result, cancellationToken);
            }
        }
    }

    /// <summary>Sends what is written whenever nothing more is at hand: as soon as can be, and under load many chunks at once.</summary>
    private async Task StreamAsync(HttpResponse response, GenerateCall call, CallReport report, CancellationToken cancellationToken)
    {
        var frames = new EventFrames(response);
        await using var steps = engine.StreamAsync(call, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(steps, frames, cancellationToken))
        {
            NoteFailedTool(call, steps.Current);
            switch (steps.Current)
            {
                case GenerateEvent.Chunk chunk:
                    idle.Touch();
                    frames.Write(chunk);
                    break;
                case GenerateEvent.Completed { Result: var result }:
                    Answered(result, call, report);
                    frames.Write(FlowAnswer.ResultObject(result));
                    break;
            }
        }
    }

    private void Answered(GenerateResult result, GenerateCall call, CallReport report)
    {
        report.Answered(result.FinishReason, () => FlowAnswer.ResultOf(result));
        if (options.LogContent)
        {
            Log.Answered(logger, call.CallId, Cut(result.Message.Text));
        }
    }

    /// <summary>Files are told by their type only.</summary>
    internal static string Cut(string text) => Shortened(MediaPattern().Replace(text, "$1…"));

    private static string Shortened(string text) => text.Length <= MostLogged ? text : $"{text.AsSpan(0, MostLogged)}… ({text.Length} characters)";

    private void NoteFailedTool(GenerateCall call, GenerateEvent step)
    {
        if (step is GenerateEvent.ToolAnswered { Failed: true } answered)
        {
            Log.ToolFailed(logger, call.CallId, answered.Request.Name, (long)answered.Duration.TotalMilliseconds);
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<GenerateEvent> steps, EventFrames frames, CancellationToken cancellationToken)
    {
        var next = steps.MoveNextAsync();
        if (!frames.ArePending || (next.IsCompletedSuccessfully && !frames.AreMany))
        {
            return await next;
        }

        // Also before a failure: what was said before it is said, and the error is the last frame.
        var step = next.AsTask();
        try
        {
            await frames.FlushAsync(cancellationToken);
        }
        catch
        {
            // Steps cannot be disposed of while one is under way; what ends the flush ends it, too.
            await ((Task)step).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await step;
    }

    private async Task FailAsync(HttpContext context, FlowRoute route, string callId, CallReport report, Exception exception)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            report.Failed(GenkitStatus.Cancelled.WireName(), "The caller left before the answer was complete.");
            Log.CallerLeft(logger, callId, route.Path);
            return;
        }

        var (httpStatus, error) = Describe(exception, callId);
        report.Failed((string)error["status"]!, (string?)error["message"]);
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

    [GeneratedRegex("(data:[^\",;]{0,100}(?:;[^\",;]{0,100}){0,4};base64,)[^\"\\s)]{32,}")]
    private static partial Regex MediaPattern();

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

        [LoggerMessage(6, LogLevel.Information, "Call {CallId} asked: {Input}")]
        public static partial void Asked(ILogger logger, string callId, string input);

        [LoggerMessage(7, LogLevel.Information, "Call {CallId} was answered: {Answer}")]
        public static partial void Answered(ILogger logger, string? callId, string answer);
    }
}
