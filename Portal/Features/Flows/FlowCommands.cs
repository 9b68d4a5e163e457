using Portal.Auth;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Features.Releases;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>What people do to flows themselves. Each asks whether they may, becomes a request where the policy wants others asked, and is recorded.</summary>
public sealed class FlowCommands(KubeClient client, PersonalCluster cluster, AdmissionChain admission, ProtectedChanges changes, AuditLog audit)
{
    private static readonly WriteOptions s_write = new() { Manager = FieldManager.Portal, FieldValidation = "Strict" };

    /// <summary>What the cluster would say to this flow, by the same rules.</summary>
    public AdmissionVerdict Review(Flow desired) => admission.Review(new AdmissionRequest(AdmissionOperation.Create, desired.Json));

    /// <summary>Nothing when there is one of that name already.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="AdmissionException">The flow cannot work.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task<ChangeResult> CreateAsync(CurrentUser user, Flow desired, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageFlows, desired.Namespace);
        if (await client.Resource<Flow>().FindAsync(desired.Namespace!, desired.Name, cancellationToken) is not null)
        {
            return ChangeResult.Nothing;
        }

        if (Review(desired) is { IsAllowed: false } refused)
        {
            throw new AdmissionException(refused);
        }

        if (changes.Cover(desired.Namespace!))
        {
            return await changes.AskAsync(desired.Namespace!, new ReleaseObject(Flow.Definition.Kind, desired.Name, ReleaseKinds.ContentOf(desired)) { SeenHash = "" }, user, cancellationToken);
        }

        Flow created;
        try
        {
            // Not an apply: of two people who take the same name at the same time the second must not write over the first.
            created = await cluster.For(user).Resource<Flow>().CreateAsync(desired, s_write, cancellationToken);
        }
        catch (KubernetesException exception) when (exception.IsAlreadyExists)
        {
            return ChangeResult.Nothing;
        }

        var after = new JsonObject { ["spec"] = created.Json["spec"]?.DeepClone() };
        await audit.RecordAsync(EntryOf(user, "flow.created", desired.Namespace!, desired.Name) with { After = after }, CancellationToken.None);
        return ChangeResult.Made;
    }

    /// <summary>Nothing when there is none of that name.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="OwnedObjectException">Somebody else keeps it.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task<ChangeResult> DeleteAsync(CurrentUser user, string @namespace, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageFlows, @namespace);
        var live = await client.Resource<Flow>().FindAsync(@namespace, name, cancellationToken);
        OwnedObjectException.ThrowIfKept(live);
        if (live is null)
        {
            return ChangeResult.Nothing;
        }

        if (changes.Cover(@namespace))
        {
            return await changes.AskAsync(@namespace, new ReleaseObject(Flow.Definition.Kind, name, "") { Deletes = true }, user, cancellationToken);
        }

        await cluster.For(user).Resource<Flow>().DeleteAsync(@namespace, name, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
        await audit.RecordAsync(EntryOf(user, "flow.deleted", @namespace, name), CancellationToken.None);
        return ChangeResult.Made;
    }

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name) =>
        new(user.Actor, action, Flow.Definition.Kind, @namespace, name, AuditResult.Succeeded, Address: user.Address);
}
