using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Writes a Flow's children by server-side apply, and never touches an object that someone else owns.</summary>
internal sealed class FlowChildren(KubeClient client, GenkitInformers informers)
{
    // Force is safe only because FindConflictAsync has shown that the object is ours or absent.
    private static readonly WriteOptions s_apply = new() { Manager = FieldManager.Operator, Force = true };
    private static readonly WriteOptions s_patch = new() { Manager = FieldManager.Operator };

    /// <summary>The first child whose name is taken by an object this Flow does not control; null when all are free or ours.</summary>
    public async Task<Problem?> FindConflictAsync(Flow flow, IReadOnlyList<FlowChild> children, CancellationToken cancellationToken)
    {
        foreach (var (definition, desired) in children)
        {
            var seen = informers.FindChild(definition, desired.Namespace, desired.Name);
            if (IsOurs(seen, flow))
            {
                continue;
            }

            // The store may lag behind both ways, so that a name is taken or freed only by what the server says.
            var existing = await client.Resource(definition).FindAsync(desired.Namespace, desired.Name, cancellationToken).ConfigureAwait(false);
            if (existing is not null && !IsOurs(existing, flow))
            {
                return Conflict(definition, existing, flow);
            }
        }

        return null;
    }

    /// <summary>Applies one child and removes files from a ConfigMap that the Flow does not have: the runner would serve them.</summary>
    /// <returns>The object as the server has it now.</returns>
    public async Task<KubeObject> ApplyAsync(FlowChild child, CancellationToken cancellationToken)
    {
        var resource = client.Resource(child.Definition);
        var applied = await resource.ApplyAsync(child.Desired, s_apply, cancellationToken).ConfigureAwait(false);
        if (child.Desired.Json["data"] is not JsonObject desired || applied.Json["data"] is not JsonObject actual)
        {
            return applied;
        }

        string[] foreign = [.. actual.Select(file => file.Key).Where(name => !desired.ContainsKey(name))];
        if (foreign.Length == 0)
        {
            return applied;
        }

        var removal = new JsonObject(foreign.Select(name => KeyValuePair.Create<string, JsonNode?>(name, null)));
        return await resource
            .MergePatchAsync(applied.Namespace, applied.Name, new JsonObject { ["data"] = removal }, subresource: null, s_patch, cancellationToken)
            .ConfigureAwait(false);
    }

    private static bool IsOurs(KubeObject? existing, Flow flow) => existing?.ControllerOwner?.Uid == flow.Uid;

    private static Problem Conflict(ResourceDefinition definition, KubeObject existing, Flow flow)
    {
        var label = $"{definition.Kind.ToLowerInvariant()} {Names.Quoted(existing.Name)}";
        var owner = existing.ControllerOwner;
        if (owner is not null && owner.Kind == Flow.Definition.Kind && owner.ApiVersion == Flow.Definition.ApiVersion && owner.Name == flow.Name)
        {
            return new Problem(ConditionReasons.Reconciling, $"waiting for {label} of the deleted Flow of this name to be removed");
        }

        var by = owner is null ? "was not made by this Flow" : $"belongs to {owner.Kind} {Names.Quoted(owner.Name)}";
        return new Problem(ConditionReasons.NameConflict, $"{label} exists and {by}; rename the Flow or delete that object");
    }
}
