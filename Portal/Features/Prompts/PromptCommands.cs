using Portal.Auth;
using Portal.Features.Audit;
using Portal.Features.Ownership;
using Portal.Features.Releases;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>What people do to prompts besides writing and publishing them. Each asks whether they may, becomes a request where the policy wants others asked, and is recorded.</summary>
public sealed class PromptCommands(KubeClient client, PersonalCluster cluster, DraftStore drafts, ProtectedChanges changes, AuditLog audit)
{
    /// <summary>
    /// Deletes the published prompt and its draft; nothing when there is neither. Where the deletion has to be asked for, the draft stays: nobody's text goes
    /// because of a request.
    /// </summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    /// <exception cref="OwnedObjectException">Somebody else keeps it.</exception>
    /// <exception cref="KubernetesException">The cluster refuses it.</exception>
    public async Task<ChangeResult> DeleteAsync(CurrentUser user, string @namespace, string name, CancellationToken cancellationToken)
    {
        if (!MayDelete(user, @namespace))
        {
            user.Demand(Permission.DeletePrompt, @namespace);
        }

        var live = await client.Resource<Prompt>().FindAsync(@namespace, name, cancellationToken);
        OwnedObjectException.ThrowIfKept(live);
        if (live is not null && changes.Cover(@namespace))
        {
            return await changes.AskAsync(@namespace, new ReleaseObject(Prompt.Definition.Kind, name, "") { Deletes = true }, user, cancellationToken);
        }

        // For the draft, and before anything is gone.
        user.Demand(Permission.EditDraft, @namespace);
        if (live is not null)
        {
            user.Demand(Permission.DeletePrompt, @namespace);
            await cluster.For(user).Resource<Prompt>().DeleteAsync(@namespace, name, null, cancellationToken);
            await audit.RecordAsync(EntryOf(user, "prompt.deleted", @namespace, name, live.Json), CancellationToken.None);
        }

        return await drafts.DiscardAsync(user, @namespace, name, CancellationToken.None) || live is not null ? ChangeResult.Made : ChangeResult.Nothing;
    }

    /// <summary>Whether deleting a published prompt there takes a release.</summary>
    public bool MustAsk(string @namespace) => changes.Cover(@namespace);

    /// <summary>Whether somebody may delete prompts there, or ask for it where it has to be asked for.</summary>
    public bool MayDelete(CurrentUser user, string @namespace) =>
        user.May(Permission.DeletePrompt, @namespace) || (user.May(Permission.SubmitRelease, @namespace) && changes.Cover(@namespace));

    private static AuditEntry EntryOf(CurrentUser user, string action, string @namespace, string name, JsonObject before) =>
        new(user.Actor, action, Prompt.Definition.Kind, @namespace, name, AuditResult.Succeeded, before, Address: user.Address);
}
