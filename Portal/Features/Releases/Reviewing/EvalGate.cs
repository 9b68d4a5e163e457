using Portal.Auth;
using Portal.Components;
using Portal.Features.Playground;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Operator.Flows;
using Portal.Runner.Evaluation;

namespace Portal.Features.Releases.Reviewing;

/// <summary>
/// Measures the text of a request by a required Eval before it is published: every sample is answered by it and by what is in the cluster, through the engine
/// that flows use, and judged by the Eval's own metrics. It fails when a sample that was good is not any more; where there was nothing, when one is not good.
/// What came of it stands on the request, about exactly that content.
/// </summary>
public sealed class EvalGate(
    ReleaseList releases, ReleaseDesk desk, ReleaseLedger ledger, RevisionStore revisions, SampleRuns samples, KubeClient client, InformerFactory informers)
{
    public const int MostRows = 200;
    private const int RowsAtOnce = 8;

    /// <exception cref="AccessDeniedException">They may not run prompts there.</exception>
    /// <exception cref="RunRefusedException">Too many runs are under way.</exception>
    public async Task<ReleaseResult> RunAsync(long release, string eval, CurrentUser user, CancellationToken cancellationToken)
    {
        if (await releases.FindAsync(release, user, cancellationToken) is not { } detail)
        {
            return ReleaseResult.Refused(RefusalReason.NotFound, $"There is no release {release}.");
        }

        if (!detail.State.IsWaiting || !ledger.PolicyOf(detail.Release, detail.Items).RequiredEvals.Contains(eval))
        {
            return ReleaseResult.Refused(RefusalReason.Conflict, $"The request does not wait for the Eval \"{eval}\".");
        }

        var verdicts = new List<Verdict>();
        foreach (var target in detail.Targets)
        {
            user.Demand(Permission.Run, target);
            verdicts.Add(await MeasureAsync(detail, eval, target, user, cancellationToken));
        }

        var words = string.Join(" ", verdicts.Select(verdict => detail.Targets.Count == 1 ? verdict.Words : $"{verdict.Namespace}: {verdict.Words}"));
        return await desk.ExecuteAsync(release, new ReleaseCommand.Measured(detail.Release.Hash, eval, verdicts.TrueForAll(verdict => verdict.Passed), words), user, CancellationToken.None);
    }

    private async Task<Verdict> MeasureAsync(ReleaseDetail release, string name, string @namespace, CurrentUser user, CancellationToken cancellationToken)
    {
        Verdict Failed(string why) => new(@namespace, false, why);
        if (informers.Get<Eval>().Store.Find(@namespace, name) is not { } eval)
        {
            return Failed($"there is no Eval \"{name}\" in {@namespace}.");
        }

        if (informers.Get<Flow>().Store.Find(@namespace, eval.Spec.FlowRef.Name) is not { } flow)
        {
            return Failed($"there is no Flow \"{eval.Spec.FlowRef.Name}\" in {@namespace}, which the Eval measures.");
        }

        if (release.Items.FirstOrDefault(item => item is { Kind: "Prompt", Deletes: false } && item.Namespace == @namespace && BlastRadius.Uses(flow, item.Kind, item.Name)) is not { } item)
        {
            return new Verdict(@namespace, true, "nothing of this is served by its flow.");
        }

        try
        {
            var rows = await RowsAsync(eval, cancellationToken);
            var after = (await revisions.FindAsync(item.Kind, item.Namespace, item.Name, item.Revision, cancellationToken))?.Content ?? "";
            var before = item.LiveHash is null ? null : (await revisions.FindByHashAsync(item.Kind, item.Namespace, item.Name, item.LiveHash, cancellationToken))?.Content;
            return await CompareAsync(item.Namespace, item.Name, before, after, rows, Measurement.Of(eval.Spec.Metrics), user, cancellationToken);
        }
        catch (FormatException exception)
        {
            return Failed($"it cannot be run here: {exception.Message}.");
        }
    }

    private async Task<Verdict> CompareAsync(
        string @namespace, string prompt, string? before, string after, IReadOnlyList<MeasuredRow> rows, Measurement measurement, CurrentUser user, CancellationToken cancellationToken)
    {
        var (good, flipped, bad) = (0, new List<string>(), new List<string>());
        foreach (var some in rows.Chunk(RowsAtOnce))
        {
            var inputs = some.Select(row => row.Input as JsonObject ?? throw new FormatException($"the input of sample {row.Id} is no object")).ToList();
            var pairs = await samples.CompareAsync(user, @namespace, prompt, before, after, inputs, cancellationToken);
            foreach (var (row, pair) in some.Zip(pairs))
            {
                var fault = await FaultAsync(measurement, row, pair.After, cancellationToken);
                if (fault is null)
                {
                    good++;
                    continue;
                }

                var wasGood = pair.Before is { } old && await FaultAsync(measurement, row, old, cancellationToken) is null;
                (wasGood ? flipped : bad).Add($"{row.Id} ({fault})");
            }
        }

        var passed = flipped.Count == 0 && (before is not null || bad.Count == 0);
        var words = $"{good} of {Quantity.Of(rows.Count, "sample")} {(rows.Count == 1 ? "is" : "are")} good."
            + (flipped.Count > 0 ? $" Good before and not now: {Some(flipped)}." : "")
            + (bad.Count > 0 ? $" Not good{(before is null ? "" : ", as before")}: {Some(bad)}." : "");
        return new Verdict(@namespace, passed, words);
    }

    private static Task<string?> FaultAsync(Measurement measurement, MeasuredRow row, RunSnapshot run, CancellationToken cancellationToken) => run.Error is { } error
        ? Task.FromResult<string?>(error.Message)
        : measurement.FindFaultAsync(row, OutputOf(run.Output), run.Duration ?? TimeSpan.Zero, cancellationToken);

    // As a flow answers: a JSON object or array is one, everything else is text.
    private static JsonNode? OutputOf(string text)
    {
        try
        {
            return text.TrimStart() is ['{' or '[', ..] ? JsonNode.Parse(text) : JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    private async Task<IReadOnlyList<MeasuredRow>> RowsAsync(Eval eval, CancellationToken cancellationToken)
    {
        var (@namespace, name) = (eval.Namespace!, eval.Spec.DatasetRef.Name);
        var dataset = informers.Get<Dataset>().Store.Find(@namespace, name) ?? throw new FormatException($"there is no Dataset \"{name}\"");
        var (text, format) = dataset.Spec.Source switch
        {
            { Inline: JsonValue inline } when inline.TryGetValue(out string? written) => (written, dataset.Spec.Format),
            { Inline: JsonObject one } => (new JsonArray(one.DeepClone()).ToJsonString(), "json"),
            { Inline: { } inline } => (inline.ToJsonString(), "json"),
            { ConfigMapRef.Name: { Length: > 0 } map } => await FromMapAsync(@namespace, map, dataset.Spec.Format, cancellationToken),
            _ => throw new FormatException($"the samples of the Dataset \"{name}\" are elsewhere"),
        };
        var rows = Measurement.Rows(text, format);
        return rows.Count <= MostRows ? rows : throw new FormatException($"the Dataset \"{name}\" has {rows.Count} samples, and at most {MostRows} are run for a request");
    }

    private async Task<(string Text, string Format)> FromMapAsync(string @namespace, string name, string format, CancellationToken cancellationToken)
    {
        var data = (await client.Resource(BuiltIn.ConfigMap).FindAsync(@namespace, name, cancellationToken))?.Json["data"] as JsonObject;
        return data?[$"data.{format}"]?.ToString() is { } text ? (text, format)
            : data?["data.json"]?.ToString() is { } json ? (json, "json")
            : throw new FormatException($"the ConfigMap \"{name}\" has no samples under data.{format}");
    }

    private static string Some(List<string> names) => string.Join(", ", names.Take(10)) + (names.Count > 10 ? $" and {names.Count - 10} more" : "");

    private sealed record Verdict(string Namespace, bool Passed, string Words);
}
