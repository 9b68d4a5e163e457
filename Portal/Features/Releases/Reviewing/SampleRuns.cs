using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Dotprompt.Documents;
using Portal.Features.Playground;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;
using Portal.Runner.Contract;

namespace Portal.Features.Releases.Reviewing;

/// <summary>One input, with what the text in the cluster and the text of the request answer to it.</summary>
/// <param name="Before">Null when there was nothing before.</param>
public sealed record SamplePair(JsonObject Input, RunSnapshot? Before, RunSnapshot After);

/// <summary>
/// Runs what is and what shall be on the same inputs, through the engine that flows use. The runs are kept like any others; they cost what they cost, and
/// are made only when somebody asks.
/// </summary>
public sealed class SampleRuns(RunStore runs, PortalDatabase database, InformerFactory informers)
{
    public const int Most = 3;
    private const int Looked = 50;

    /// <summary>
    /// The inputs to compare on: the newest distinct ones that were run and that they may read (<see cref="RunSnapshot.IsReadableBy"/>), then what the document
    /// gives by itself.
    /// </summary>
    /// <exception cref="AccessDeniedException">They may not run prompts there.</exception>
    public async Task<IReadOnlyList<JsonObject>> InputsAsync(CurrentUser user, string @namespace, string prompt, string content, CancellationToken cancellationToken)
    {
        user.Demand(Permission.Run, @namespace);
        var (readsAll, id) = (user.May(Permission.ReadRuns, @namespace), user.Actor.Id);
        var recent = await database.ReadAsync(context => context.Runs
            .Where(run => run.Namespace == @namespace && run.Prompt == prompt && run.State == nameof(RunState.Completed) && run.Kept != nameof(RunKeeping.Off) && (readsAll || run.CallerId == id))
            .OrderByDescending(run => run.StartedAt).Take(Looked).Select(run => run.Input).ToListAsync(cancellationToken));
        var inputs = recent.Distinct().Select(Parse).OfType<JsonObject>().Where(input => !RunRedaction.HasPlaceholder(input)).Take(Most).ToList();
        return inputs.Count > 0 ? inputs : [DotpromptDocument.Parse(content).Metadata.Input?["default"] is JsonObject given ? given.DeepClone().AsObject() : []];
    }

    /// <summary>Runs both texts on each input, all at once.</summary>
    /// <param name="before">Null when there was nothing before.</param>
    /// <exception cref="AccessDeniedException">They may not run prompts there.</exception>
    /// <exception cref="RunRefusedException">Too many runs are under way.</exception>
    public async Task<IReadOnlyList<SamplePair>> CompareAsync(
        CurrentUser user, string @namespace, string prompt, string? before, string after, IReadOnlyList<JsonObject> inputs, CancellationToken cancellationToken)
    {
        var model = ModelOf(@namespace, prompt);
        var started = new List<(JsonObject Input, Run? Before, Run After)>();
        try
        {
            foreach (var input in inputs)
            {
                Run Start(string content) => runs.Start(user, new RunRequest { Namespace = @namespace, Prompt = prompt, Content = content, Input = input, Model = model, Stream = false });
                started.Add((input, before is null ? null : Start(before), Start(after)));
            }

            await Task.WhenAll(started.SelectMany(item => new[] { item.Before?.Ended ?? Task.CompletedTask, item.After.Ended })).WaitAsync(cancellationToken);
        }
        catch
        {
            // Nobody waits for the others any more.
            started.ForEach(item => { item.Before?.Stop(); item.After.Stop(); });
            throw;
        }

        return [.. started.Select(item => new SamplePair(item.Input, item.Before?.Snapshot(), item.After.Snapshot()))];
    }

    /// <summary>The model of a flow that serves it, for prompts that name none.</summary>
    private string? ModelOf(string @namespace, string prompt) => informers.Get<Flow>().Store.List(@namespace)
        .Where(flow => BlastRadius.Uses(flow, "Prompt", prompt)).Select(flow => BlastRadius.SpecOf(flow)?.ModelRef?.Name).FirstOrDefault(name => name is { Length: > 0 });

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
