using Portal.Data;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Flows;

namespace Portal.Features.Releases.Reviewing;

public enum CheckVerdict
{
    Passed,
    Warning,
    Failed,

    /// <summary>It could not be asked now.</summary>
    Unknown,
}

/// <summary>One line of the table of a request.</summary>
public sealed record ReleaseCheck(string Name, CheckVerdict Verdict, string Message);

/// <summary>What a reviewer should know before deciding, asked anew each time.</summary>
public sealed class ReleaseChecks(
    RevisionStore revisions, KubeClient client, InformerFactory informers, ReleaseLedger ledger, IEnumerable<IReleaseCheck> contents, TimeProvider clock)
{
    private readonly Dictionary<string, IReleaseCheck> _contents = contents.ToDictionary(check => check.Kind, StringComparer.Ordinal);

    public async Task<IReadOnlyList<ReleaseCheck>> RunAsync(ReleaseDetail release, CancellationToken cancellationToken)
    {
        var documents = new List<(ReleaseItem Item, string Content)>();
        foreach (var item in release.Items)
        {
            var revision = item.Deletes ? null : await revisions.FindAsync(item.Kind, item.Namespace, item.Name, item.Revision, cancellationToken);
            documents.Add((item, revision?.Content ?? ""));
        }

        return
        [
            Diagnose(documents),
            References(documents),
            .. await AskClusterAsync(documents, release.State, cancellationToken),
            Policy(release),
        ];
    }

    private ReleaseCheck Diagnose(List<(ReleaseItem Item, string Content)> documents)
    {
        var problems = documents.Where(document => !document.Item.Deletes && _contents.ContainsKey(document.Item.Kind))
            .Select(document => (document.Item, Problem: _contents[document.Item.Kind].Check(document.Item.Namespace, document.Item.Name, document.Content)))
            .Where(found => found.Problem is not null).Select(found => $"{Name(found.Item)}: {found.Problem!.Message}").ToList();
        return problems.Count == 0
            ? new ReleaseCheck("Diagnostics", CheckVerdict.Passed, "No errors in the documents.")
            : new ReleaseCheck("Diagnostics", CheckVerdict.Failed, string.Join(" ", problems));
    }

    /// <summary>What flows of the release refer to is there, or comes with it.</summary>
    private ReleaseCheck References(List<(ReleaseItem Item, string Content)> documents)
    {
        var missing = new List<string>();
        foreach (var (item, content) in documents.Where(document => !document.Item.Deletes && document.Item.Kind == Flow.Definition.Kind))
        {
            var flow = Flow.FromJson(ReleaseKinds.Desired(item.Kind, item.Namespace, item.Name, content, null, []).Json);
            var spec = BlastRadius.SpecOf(flow);
            var needed = (spec?.Prompts ?? []).Select(prompt => ("Prompt", prompt.PromptRef?.Name ?? ""))
                .Concat((spec?.PromptRefs ?? []).Select(reference => ("Prompt", reference.Name)))
                .Concat((spec?.Tools ?? []).Concat(spec?.ToolRefs ?? []).Select(reference => ("Tool", reference.Name)))
                .Append(("Model", spec?.ModelRef?.Name ?? ""));
            missing.AddRange(needed.Where(need => need.Item2.Length > 0 && !IsThere(need.Item1, item.Namespace, need.Item2, documents))
                .Select(need => $"{Name(item)} needs {need.Item1} {need.Item2}, which is neither in {item.Namespace} nor in this release."));
        }

        missing.AddRange(documents.Where(document => document.Item.Deletes).SelectMany(document => UsersOf(document.Item, documents)
            .Select(flow => $"{Name(document.Item)} is used by the flow {flow}, which stops being ready without it.")));
        return missing.Count == 0
            ? new ReleaseCheck("References", CheckVerdict.Passed, "Everything it refers to is there or comes with it.")
            : new ReleaseCheck("References", CheckVerdict.Warning, string.Join(" ", missing));
    }

    private IEnumerable<string> UsersOf(ReleaseItem item, List<(ReleaseItem Item, string Content)> documents) => informers.Get<Flow>().Store.List(item.Namespace)
        .Where(flow => BlastRadius.Uses(flow, item.Kind, item.Name) && !documents.Any(other => other.Item.Deletes && other.Item.Kind == flow.Kind && other.Item.Name == flow.Name))
        .Select(flow => flow.Name);

    private bool IsThere(string kind, string @namespace, string name, List<(ReleaseItem Item, string Content)> documents) =>
        documents.FirstOrDefault(document => document.Item.Kind == kind && document.Item.Namespace == @namespace && document.Item.Name == name).Item is { } coming
            ? !coming.Deletes : ReleaseKinds.FindKnown(informers, kind, @namespace, name) is not null;

    private async Task<IReadOnlyList<ReleaseCheck>> AskClusterAsync(
        List<(ReleaseItem Item, string Content)> documents, ReleaseState state, CancellationToken cancellationToken)
    {
        if (state.IsOver || state.Status == ReleaseStatus.Publishing)
        {
            return [];
        }

        try
        {
            var (refusals, drifts) = (new List<string>(), new List<string>());
            foreach (var (item, content) in documents)
            {
                var resource = client.Resource(ReleaseKinds.Find(item.Kind)!);
                var live = await resource.FindAsync(item.Namespace, item.Name, cancellationToken);
                if ((live is null ? null : ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live))) != item.LiveHash)
                {
                    drifts.Add($"{Name(item)} changed in the cluster since it was submitted. Submit it again, so that the difference is the real one.");
                }

                try
                {
                    if (item.Deletes)
                    {
                        await resource.DeleteAsync(item.Namespace, item.Name, new DeleteOptions { DryRun = true }, cancellationToken);
                        continue;
                    }

                    var desired = ReleaseKinds.Desired(item.Kind, item.Namespace, item.Name, content, null, []);
                    await resource.ApplyAsync(desired, new WriteOptions { Manager = FieldManager.Portal, Force = item.Force, DryRun = true }, cancellationToken);
                }
                catch (KubernetesException exception) when ((int)exception.StatusCode < 500)
                {
                    refusals.Add($"{Name(item)}: {exception.Message}");
                }
            }

            return
            [
                refusals.Count == 0 ? new ReleaseCheck("Dry run", CheckVerdict.Passed, "The API server would take it.")
                    : new ReleaseCheck("Dry run", CheckVerdict.Failed, string.Join(" ", refusals)),
                drifts.Count == 0 ? new ReleaseCheck("Drift", CheckVerdict.Passed, "The cluster is as it was when this was submitted.")
                    : new ReleaseCheck("Drift", CheckVerdict.Failed, string.Join(" ", drifts)),
            ];
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TimeoutException or KubernetesException)
        {
            return [new ReleaseCheck("Dry run", CheckVerdict.Unknown, $"The cluster cannot be reached: {exception.Message}")];
        }
    }

    private ReleaseCheck Policy(ReleaseDetail release)
    {
        var policy = ledger.PolicyOf(release.Release, release.Items);
        if (release.State.Bypass is not null)
        {
            return new ReleaseCheck("Policy", CheckVerdict.Failed, "Set aside: see the reason above.");
        }

        if (ReleaseMachine.Unproven(release.State, policy) is { Count: > 0 } unproven && !release.State.IsOver)
        {
            return new ReleaseCheck("Policy", CheckVerdict.Warning, $"{string.Join(", ", unproven)} must pass on this content first.");
        }

        var (counted, required) = (ReleaseMachine.Counted(release.State, policy).Count, ReleaseMachine.Required(release.State, policy));
        var group = policy.RequiredGroups.Count == 0 ? "" : $" of the group {string.Join(", ", policy.RequiredGroups)}";
        if (counted < required)
        {
            return new ReleaseCheck("Policy", CheckVerdict.Warning, $"{counted} of {required} approvals by other people{group}.");
        }

        return policy.FreezeAt(clock.GetUtcNow()) is { } freeze && !release.State.IsOver
            ? new ReleaseCheck("Policy", CheckVerdict.Warning, $"Nothing is published now: {freeze.Reason}")
            : new ReleaseCheck("Policy", CheckVerdict.Passed, required == 0 ? "Asks for no approval." : $"{counted} of {required} approvals{group}.");
    }

    private static string Name(ReleaseItem item) => $"{item.Kind} {item.Namespace}/{item.Name}";
}
