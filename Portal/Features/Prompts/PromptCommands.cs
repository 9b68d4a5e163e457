using Portal.Auth;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>What people do to prompts besides writing and publishing them. Each command asks whether they may, and is recorded.</summary>
public sealed class PromptCommands(KubeClient client, PersonalCluster cluster, DraftStore drafts, AuditLog audit)
{
    /// <summary>Deletes the published prompt and its draft; false when there is neither.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="OwnedObjectException">Somebody else keeps it.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task<bool> DeleteAsync(CurrentUser user, string @namespace, string name, CancellationToken cancellationToken)
    {
        user.Demand(Permission.DeletePrompt, @namespace);

        // For the draft, and before anything is gone.
        user.Demand(Permission.EditDraft, @namespace);
        var live = await client.Resource<Prompt>().FindAsync(@namespace, name, cancellationToken);
        OwnedObjectException.ThrowIfKept(live);
        var deleted = live is not null && await cluster.For(user).Resource<Prompt>().DeleteAsync(@namespace, name, null, cancellationToken);
        if (deleted)
        {
            await audit.RecordAsync(EntryOf(user, "prompt.deleted", @namespace, name, live!.Json), CancellationToken.None);
        }

        return await drafts.DiscardAsync(user, @namespace, name, CancellationToken.None) || deleted;
    }

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name, JsonObject before) =>
        new(user.Actor, action, Prompt.Definition.Kind, @namespace, name, AuditResult.Succeeded, before, Address: user.Address);
}
