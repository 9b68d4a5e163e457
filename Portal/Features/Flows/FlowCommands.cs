using Portal.Auth;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Operator.Flows;

namespace Portal.Features.Flows;

/// <summary>What people do to flows themselves. Each asks whether they may, and is recorded.</summary>
public sealed class FlowCommands(KubeClient client, PersonalCluster cluster, AdmissionChain admission, AuditLog audit)
{
    private static readonly WriteOptions s_write = new() { Manager = FieldManager.Portal, FieldValidation = "Strict" };

    /// <summary>What the cluster would say to this flow, by the same rules.</summary>
    public AdmissionVerdict Review(Flow desired) => admission.Review(new AdmissionRequest(AdmissionOperation.Create, desired.Json));

    /// <summary>False when there is one of that name already.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="AdmissionException">The flow cannot work.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task<bool> CreateAsync(CurrentUser user, Flow desired, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageFlows, desired.Namespace);
        if (await client.Resource<Flow>().FindAsync(desired.Namespace!, desired.Name, cancellationToken) is not null)
        {
            return false;
        }

        if (Review(desired) is { IsAllowed: false } refused)
        {
            throw new AdmissionException(refused);
        }

        var created = await cluster.For(user).Resource<Flow>().ApplyAsync(desired, s_write, cancellationToken);
        var after = new JsonObject { ["spec"] = created.Json["spec"]?.DeepClone() };
        await audit.RecordAsync(EntryOf(user, "flow.created", desired.Namespace!, desired.Name) with { After = after }, CancellationToken.None);
        return true;
    }

    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="OwnedObjectException">Somebody else keeps it.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task DeleteAsync(CurrentUser user, string @namespace, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageFlows, @namespace);
        OwnedObjectException.ThrowIfKept(await client.Resource<Flow>().FindAsync(@namespace, name, cancellationToken));
        await cluster.For(user).Resource<Flow>().DeleteAsync(@namespace, name, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
        await audit.RecordAsync(EntryOf(user, "flow.deleted", @namespace, name), CancellationToken.None);
    }

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name) =>
        new(user.Actor, action, Flow.Definition.Kind, @namespace, name, AuditResult.Succeeded, Address: user.Address);
}
