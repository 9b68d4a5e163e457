using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Writes the children of a Flow, FlowSet or Eval by server-side apply, only when they are not as they should be, and never touches an object
/// that someone else owns.</summary>
internal sealed class FlowChildren(KubeClient client, GenkitInformers informers, ChildLedger ledger, WriteLimit limit)
{
    // Force is safe only because FindConflictAsync has shown that the object is ours or absent.
    private static readonly WriteOptions s_apply = new() { Manager = FieldManager.Operator, Force = true };
    private static readonly WriteOptions s_scale = new() { Manager = FieldManager.OperatorScale, Force = true };
    private static readonly WriteOptions s_patch = new() { Manager = FieldManager.Operator };

    /// <summary>The first child whose name is taken by an object the owner does not control; null when all are free, ours, or taken over on request.</summary>
    public async Task<Problem?> FindConflictAsync(ChildOwner owner, IReadOnlyList<FlowChild> children, CancellationToken cancellationToken)
    {
        foreach (var child in children)
        {
            var (definition, desired) = child;
            if (IsOurs(informers.FindChild(definition, desired.Namespace, desired.Name), owner) || ledger.IsFree(child, owner))
            {
                continue;
            }

            // The store may lag behind, so that a name is taken or freed only by what the server says.
            var existing = await client.Resource(definition).FindAsync(desired.Namespace, desired.Name, cancellationToken).ConfigureAwait(false);
            if (existing is null || IsOurs(existing, owner))
            {
                continue;
            }

            if (!TakeOver.IsAsked(owner.Object, existing))
            {
                return Conflict(definition, existing, owner);
            }

            await TakeOver.ClaimAsync(client, definition, existing, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Applies all in order; stops at the first the server refuses.</summary>
    /// <returns>The last object applied, as the server has it now; or what was refused.</returns>
    public async Task<(KubeObject? Last, Problem? Refused)> ApplyAllAsync(IReadOnlyList<FlowChild> children, CancellationToken cancellationToken)
    {
        KubeObject? last = null;
        foreach (var child in children)
        {
            try
            {
                last = await ApplyAsync(child, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException exception) when (IsRefusal(exception))
            {
                return (null, new Problem(ConditionReasons.Error, $"apply *v1.{child.Definition.Kind} {child.Desired.Name}: {exception.Message}"));
            }
        }

        return (last, null);
    }

    /// <summary>Whether the child needs no write.</summary>
    public bool IsSettled(FlowChild child) => ledger.FindSettled(child) is not null;

    /// <summary>Applies one child unless it is as it should be, and removes files from a ConfigMap that the owner does not have.</summary>
    /// <returns>The object as it is now; of a kind that is not watched maybe what is desired.</returns>
    public async Task<KubeObject> ApplyAsync(FlowChild child, CancellationToken cancellationToken)
    {
        if (ledger.FindSettled(child) is { } settled)
        {
            return settled;
        }

        var resource = new Resource<Child>(client, child.Definition, Child.FromJson);
        await limit.WaitAsync(cancellationToken).ConfigureAwait(false);
        var written = await resource.ApplyAsync(child.Desired, s_apply, cancellationToken).ConfigureAwait(false);
        if (ChildLedger.ForeignFiles(child, written) is { Count: > 0 } foreign)
        {
            var removal = new JsonObject { ["data"] = new JsonObject(foreign.Select(name => KeyValuePair.Create<string, JsonNode?>(name, null))) };
            await limit.WaitAsync(cancellationToken).ConfigureAwait(false);
            written = await resource.MergePatchAsync(written.Namespace, written.Name, removal, subresource: null, s_patch, cancellationToken).ConfigureAwait(false);
        }

        ledger.Note(child, written);
        return written;
    }

    /// <summary>Makes a manager of its own the owner of the Deployment's replicas, so that they stay when they are no longer applied.</summary>
    public async Task LeaveReplicasAsync(ChildOwner owner, int replicas, CancellationToken cancellationToken)
    {
        var definition = BuiltIn.Deployment;
        var patch = new JsonObject
        {
            ["apiVersion"] = definition.ApiVersion,
            ["kind"] = definition.Kind,
            ["metadata"] = new JsonObject { ["name"] = owner.Object.Name, ["namespace"] = owner.Object.Namespace },
            ["spec"] = new JsonObject { ["replicas"] = replicas },
        };
        await client.Resource(definition).ApplyAsync(new KubeObject(patch), s_scale, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A child as the server has it; null when there is none of the owner's.</summary>
    public async Task<KubeObject?> FindOwnAsync(ChildOwner owner, ResourceDefinition definition, string name, CancellationToken cancellationToken) =>
        await client.Resource(definition).FindAsync(owner.Object.Namespace, name, cancellationToken).ConfigureAwait(false) is { } found && IsOurs(found, owner) ? found : null;

    /// <summary>What the owner's pods say when they do not come up; null when they say nothing.</summary>
    public Task<string?> FindTroubleAsync(ChildOwner owner, CancellationToken cancellationToken) => new PodTrouble(client).FindAsync(owner, cancellationToken);

    /// <summary>How long ago this process has written a child; null when it has not.</summary>
    public TimeSpan? SinceWritten(FlowChild child) => ledger.SinceWritten(child);

    /// <summary>Who else has set the Deployment's replicas since they were applied; null when nobody has.</summary>
    public async Task<string?> FindScalerAsync(ChildOwner owner, CancellationToken cancellationToken)
    {
        var deployment = await client.Resource(BuiltIn.Deployment).FindAsync(owner.Object.Namespace, owner.Object.Name, cancellationToken).ConfigureAwait(false);
        return (deployment?.Metadata["managedFields"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(entry => (entry["fieldsV1"] as JsonObject)?["f:spec"] is JsonObject spec && spec.ContainsKey("f:replicas"))
            .Select(entry => entry["manager"]?.ToString())
            .FirstOrDefault(manager => manager is not null && manager != FieldManager.Operator.Name && manager != FieldManager.OperatorScale.Name);
    }

    /// <summary>Deletes the owner's children of these kinds that bear its name; what others own stays.</summary>
    public async Task RemoveAsync(ChildOwner owner, IEnumerable<ResourceDefinition> kinds, CancellationToken cancellationToken)
    {
        foreach (var kind in kinds)
        {
            if (informers.FindChild(kind, owner.Object.Namespace, owner.Object.Name) is { DeletionTimestamp: null } found && IsOurs(found, owner))
            {
                await client.Resource(kind)
                    .DeleteAsync(found.Namespace, found.Name, new DeleteOptions { PreconditionUid = found.Uid }, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool IsOurs(KubeObject? existing, ChildOwner owner) => existing?.ControllerOwner?.Uid == owner.Object.Uid;

    private static Problem Conflict(ResourceDefinition definition, KubeObject existing, ChildOwner wanting)
    {
        var (label, kind) = ($"{definition.Kind.ToLowerInvariant()} {Names.Quoted(existing.Name)}", wanting.Kind);
        var owner = existing.ControllerOwner;
        if (owner is not null && owner.Kind == kind.Kind && owner.ApiVersion == kind.ApiVersion && owner.Name == wanting.Object.Name)
        {
            return new Problem(ConditionReasons.Reconciling, $"waiting for {label} of the deleted {kind.Kind} of this name to be removed");
        }

        var by = owner is null ? $"was not made by this {kind.Kind}" : $"belongs to {owner.Kind} {Names.Quoted(owner.Name)}";
        var takeOver = owner is null ? $", or label the {kind.Kind} {GenkitApi.TakeOverLabel}=true to take it over" : "";
        return new Problem(ConditionReasons.NameConflict, $"{label} exists and {by}; rename the {kind.Kind} or delete that object{takeOver}");
    }

    /// <summary>The server understood and said no. Conflicts and overload are left to the retry with back-off.</summary>
    private static bool IsRefusal(KubernetesException exception) => exception.StatusCode
        is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity;
}
