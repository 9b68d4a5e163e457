using Portal.Components.Inputs;
using Portal.Data;
using Portal.Features.Playground;
using Portal.Features.Usage;
using Portal.Operator.Prompts;
using Portal.Runner.Contract;

namespace Portal.Features.Runs;

/// <summary>
/// Keeps calls of flows in the history, as the policy says when they are written: each once, whether the portal saw it, its runner told of it, or both. The portal
/// knows who called, the runner which prompt answered.
/// </summary>
/// <param name="promptsOf">Gives the prompts of a flow with their texts, its own path's first.</param>
internal sealed partial class KeptCalls(Func<string, string, IReadOnlyList<(string Name, string? Text)>> promptsOf, ILogger<KeptCalls> logger) : ICallContents
{
    public async Task KeepAsync(PortalDbContext context, IEnumerable<UsageRecord> records)
    {
        foreach (var record in records)
        {
            if (record is { Content: { } content, Namespace: { Length: > 0 } place })
            {
                try
                {
                    await KeepAsync(context, Of(record, content, place));
                }
                catch (Exception exception) when (exception is not (System.Data.Common.DbException or OperationCanceledException))
                {
                    // What was said in one call must not keep it, and those told with it, from being counted. The message may hold what was said.
                    Log.NotKept(logger, exception.GetType().FullName);
                }
            }
        }
    }

    /// <summary>Within a transaction of the caller.</summary>
    public async Task KeepAsync(PortalDbContext context, RunSnapshot call)
    {
        var (prompt, text) = call.Flow is { } flow ? PromptOf(call.Namespace, flow, call.Prompt) : (call.Prompt, null);
        if (await context.Runs.FindAsync(call.Id) is { } known)
        {
            Add(known, call, prompt, text);
            return;
        }

        var run = call with { Prompt = prompt, Content = call.PromptHash is { } hash && text is not null && Prompt.HashOf(text) == hash ? text : null };
        var kept = RunRedaction.Apply(run, await RunPolicy.OfAsync(context, call.Namespace), text);
        if (kept.Kept != RunKeeping.Off)
        {
            context.Runs.Add(kept.ToRow());
        }
    }

    /// <summary>What the second to tell knows and the first did not.</summary>
    private static void Add(RunRow known, RunSnapshot call, string prompt, string? text)
    {
        if (known.Source != RunSnapshot.FromFlow || known.Namespace != call.Namespace)
        {
            return; // no call of that id can be this one
        }

        if (known.CallerId is null && call.CallerId is not null)
        {
            (known.Caller, known.CallerId) = (call.Caller, call.CallerId);
        }

        if (known.PromptHash is null && call.PromptHash is { } hash)
        {
            (known.Prompt, known.PromptHash) = (prompt, hash);
            known.Content = text is not null && Prompt.HashOf(text) == hash ? text : null;
        }
    }

    /// <summary>The prompt behind a path of a flow, and its text as it is now; the flow's own path is its first prompt's.</summary>
    private (string Name, string? Text) PromptOf(string @namespace, string flow, string path)
    {
        var prompts = promptsOf(@namespace, flow);
        foreach (var (name, text) in prompts)
        {
            if (name == path)
            {
                return (name, text);
            }
        }

        return path == flow && prompts is [var first, ..] ? first : (path, null);
    }

    /// <summary>A call as its runner tells of it. Runners are not trusted with sizes or with what they call JSON.</summary>
    private static RunSnapshot Of(UsageRecord record, CallContent content, string place) => new()
    {
        Id = record.CallId,
        Namespace = place,
        Prompt = record.Prompt ?? record.Flow ?? "",
        PromptHash = record.PromptHash,
        Flow = record.Flow,
        Source = RunSnapshot.FromFlow,
        Caller = record.Caller,
        Kept = content.Kept,
        Input = InputOf(content),
        Output = OutputOf(content),
        StartedAt = record.StartedAt,
        State = record.Outcome == UsageRecord.Ok ? RunState.Completed : record.Outcome == "CANCELLED" ? RunState.Stopped : RunState.Failed,
        Error = record.Outcome == UsageRecord.Ok ? null : new RunError(record.Outcome, Text(content.Error, CallContent.MostError), null),
        Provider = record.Provider,
        Model = record.Model,
        FinishReason = record.FinishReason,
        Usage = record.Usage,
        FirstToken = record.TimeToFirstToken,
        Duration = record.Duration,
    };

    private static JsonObject InputOf(CallContent content)
    {
        var text = Text(content.Input, CallContent.MostInput);
        var isWhole = content.InputLength is null && text.Length == content.Input?.Length;
        return isWhole && InputJson.TryParse(text, out var input, out _) && input is JsonObject map ? map
            : new JsonObject { [RunRedaction.CutMarker] = text, ["characters"] = content.InputLength ?? text.Length };
    }

    private static string OutputOf(CallContent content)
    {
        var text = Text(content.Output, CallContent.MostOutput);
        var length = content.OutputLength ?? content.Output?.Length ?? 0;
        return length > text.Length ? $"{text}\n… (the first {text.Length} of {length} characters)" : text;
    }

    /// <summary>As much as is kept, without what a database cannot hold.</summary>
    private static string Text(string? text, int most) => CallContent.Cut(text ?? "", most).Replace('\0', '\ufffd');

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "What was said in a call of a flow could not be kept in the history: {Exception}")]
        public static partial void NotKept(ILogger logger, string? exception);
    }
}
