using System.Security.Claims;
using Portal.Features.Audit;

namespace Portal.Auth;

/// <summary>
/// Who asks, in a request and in a browser's circuit alike (scoped). Commands take it as a parameter and begin with <see cref="Demand"/>, so that no
/// page and no API can forget to. Before it is set, and after the sign-in has ended, it is nobody, who may do nothing.
/// </summary>
public sealed class CurrentUser(AccessPolicy policy, Refusals? refusals = null)
{
    /// <summary>Raised when the sign-in behind a circuit changed or ended; on any thread.</summary>
    public event Action? Changed;

    public ClaimsPrincipal Principal { get; private set; } = PortalClaims.Anonymous;

    public Actor Actor { get; private set; } = Actor.Anonymous;

    /// <summary>
    /// <see cref="Actor.Id"/> of the person who answers for what is done: of whoever made the service token, else of the actor. Where two people are
    /// needed, compare this.
    /// </summary>
    public string ResponsibleId => Principal.FindFirst(PortalClaims.ResponsibleId)?.Value ?? Actor.Id;

    /// <summary>Network address the request or circuit came from, for the audit; null when there is none.</summary>
    public string? Address { get; private set; }

    public bool IsSignedIn => Actor != Actor.Anonymous;

    /// <inheritdoc cref="AccessPolicy.Allows"/>
    public bool May(Permission permission, string? @namespace) => policy.Allows(Principal, permission, @namespace);

    /// <inheritdoc cref="AccessPolicy.AllowsThroughout"/>
    public bool MayThroughout(Permission permission, string pattern) => policy.AllowsThroughout(Principal, permission, pattern);

    /// <inheritdoc cref="AccessPolicy.DemandThroughout"/>
    public void DemandThroughout(Permission permission, string pattern) => policy.DemandThroughout(Principal, permission, pattern);

    /// <inheritdoc cref="AccessPolicy.AllowsSomewhere"/>
    public bool MaySomewhere(Permission permission) => policy.AllowsSomewhere(Principal, permission);

    /// <inheritdoc cref="AccessPolicy.Demand"/>
    public void Demand(Permission permission, string? @namespace)
    {
        if (!May(permission, @namespace))
        {
            NoteRefusal(permission, @namespace);
        }

        policy.Demand(Principal, permission, @namespace);
    }

    /// <summary>Writes into the audit log that this was refused.</summary>
    internal void NoteRefusal(Permission? permission, string? @namespace)
    {
        if (IsSignedIn)
        {
            refusals?.Note(new AuditEntry(Actor, "access.refused", "Permission", @namespace, permission?.ToString(), AuditResult.Refused,
                Reason: permission is { } asked ? new AccessDeniedException(Actor, asked, @namespace, policy.IsReadOnly && asked.IsWrite()).Message : null, Address: Address));
        }
    }

    /// <inheritdoc cref="AccessPolicy.RolesOf"/>
    public IReadOnlyList<PortalRole> RolesIn(string? @namespace) => policy.RolesOf(Principal, @namespace);

    internal void Become(ClaimsPrincipal principal, string? address)
    {
        (Principal, Actor, Address) = (principal, PortalClaims.ActorOf(principal), address);
        Changed?.Invoke();
    }
}
