using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.FlowSets;

/// <summary>
/// Says what each flow of a FlowSet serves, each by itself, so that one that is broken says so and the others have nothing to do with it. A flow that
/// has been served and is broken now goes on as it was, as long as the Secrets it needs are there.
/// </summary>
internal sealed class FlowSetPlan(IGenkitObjects objects, FlowChildren children)
{
    private readonly LastGood _lastGood = new(children);

    public async Task<IReadOnlyList<FlowSetMember>> ResolveAsync(FlowSet set, CancellationToken cancellationToken)
    {
        var members = new List<FlowSetMember>();
        foreach (var flow in set.Spec.Flows)
        {
            members.Add(members.Exists(known => known.Flow.Name == flow.Name)
                ? new FlowSetMember(flow, null, Problem.Invalid(FlowSetMember.DuplicateName(flow.Name)))
                : await ResolveAsync(set, flow, cancellationToken).ConfigureAwait(false));
        }

        return members;
    }

    private async Task<FlowSetMember> ResolveAsync(FlowSet set, FlowSetFlow flow, CancellationToken cancellationToken)
    {
        var owner = FlowSetRenderer.OwnerOf(set);
        var (inputs, problem) = FindInputs(set.Namespace, flow, objects);
        if (inputs is not null)
        {
            var (held, why) = await _lastGood.HoldAsync(owner, inputs, FlowSetRenderer.ConfigMapName(set, flow.Name, "prompts"), cancellationToken).ConfigureAwait(false);
            var files = FlowFiles.Render(flow.Name, held, FlowSetMember.CredentialsDirectoryOf(flow.Name));
            problem = FlowRules.Check(files);
            if (problem is null)
            {
                var entrypoint = held.Prompts.First(prompt => !prompt.IsPartial).Name;
                return new FlowSetMember(flow, new(files, entrypoint, held.Model!.Secret, held.HeaderSecrets), why is null ? null : In(flow, why))
                {
                    Faults = [.. inputs.Faults.Select(fault => In(flow, fault))],
                };
            }
        }

        var broken = In(flow, problem!);
        return await FindServedAsync(set, owner, flow.Name, cancellationToken).ConfigureAwait(false) is { } served
            ? new FlowSetMember(flow, served, LastGood.Keeping(broken, "its last good version"))
            : new FlowSetMember(flow, null, broken);
    }

    /// <summary>What one flow refers to, or why it cannot be served.</summary>
    public static (FlowInputs? Inputs, Problem? Problem) FindInputs(string? @namespace, FlowSetFlow flow, IGenkitObjects objects)
    {
        try
        {
            if (FlowRules.CheckMember(flow.Name, flow) is { } invalid)
            {
                return (null, invalid);
            }

            var (inputs, problem) = FlowDependencies.Resolve(@namespace, flow, objects);
            if (inputs is null)
            {
                return (null, problem);
            }

            problem = FlowRules.Check(inputs, served: false)
                ?? (inputs.Prompts.All(prompt => prompt.IsPartial) ? Problem.Invalid(FlowSetMember.OnlyPartials) : null);
            return problem is null ? (inputs, null) : (null, problem);
        }
        catch (JsonException exception)
        {
            return (null, Problem.Unreadable(exception));
        }
    }

    /// <summary>What the pods have of this flow now; null when they have nothing, or would miss a Secret if they were started anew.</summary>
    private async Task<FlowSetContent?> FindServedAsync(FlowSet set, ChildOwner owner, string flow, CancellationToken cancellationToken)
    {
        var files = new List<IReadOnlyDictionary<string, string>>();
        foreach (var kind in new[] { "prompts", "tools", "config" })
        {
            if (await _lastGood.FilesAsync(owner, FlowSetRenderer.ConfigMapName(set, flow, kind), cancellationToken).ConfigureAwait(false) is not { } found)
            {
                return null;
            }

            files.Add(found);
        }

        var manifest = await _lastGood.FilesAsync(owner, FlowSetRenderer.ManifestName(set), cancellationToken).ConfigureAwait(false);
        var deployment = await children.FindOwnAsync(owner, BuiltIn.Deployment, set.Name, cancellationToken).ConfigureAwait(false);
        var entrypoint = FlowFiles.ReadManifest(manifest)?.Flows.FirstOrDefault(entry => entry.Name == flow)?.Entrypoint;
        var credentials = FlowDeployment.SecretMountedAt(deployment, FlowSetMember.CredentialsDirectoryOf(flow));
        if (entrypoint is null || credentials is null || objects.FindSecret(set.Namespace, credentials) is not { } secret)
        {
            return null;
        }

        var headers = files[1].Values.Select(ToolDescriptor.HeadersSecretOf).OfType<string>().Distinct().Select(name => objects.FindSecret(set.Namespace, name)).ToList();
        return headers.Contains(null)
            ? null
            : new FlowSetContent(new FlowFiles { Prompts = files[0], Tools = files[1], Config = files[2] }, entrypoint, secret, [.. headers.OfType<KubeObject>()]);
    }

    private static Problem In(FlowSetFlow flow, Problem problem) => problem with
    {
        Message = $"flow {Names.Quoted(flow.Name)}: {problem.Message}",
        Trail = problem.Trail is { } trail ? $"flow {Names.Quoted(flow.Name)} → {trail}" : null,
    };
}
