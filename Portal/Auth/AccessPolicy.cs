using System.Security.Claims;

namespace Portal.Auth;

/// <summary>
/// Decides who may do what, from role bindings alone. What no binding gives is refused. Immutable and thread-safe; a decision costs no I/O.
/// </summary>
/// <param name="bindings">Who has which role where.</param>
/// <param name="isReadOnly">Whether nothing may be changed by anybody.</param>
public sealed class AccessPolicy(IReadOnlyList<RoleBinding> bindings, bool isReadOnly = false)
{
    public bool IsReadOnly => isReadOnly;

    /// <param name="namespace">Null for what belongs to no namespace: only a role in all of them (<c>*</c>) counts.</param>
    public bool Allows(ClaimsPrincipal principal, Permission permission, string? @namespace) =>
        !(isReadOnly && permission.IsWrite()) && Has(principal, permission, binding => binding.Covers(@namespace));

    /// <summary>Whether there can be a namespace in which it is allowed: for menus, and lists that show only what may be seen.</summary>
    public bool AllowsSomewhere(ClaimsPrincipal principal, Permission permission) =>
        !(isReadOnly && permission.IsWrite()) && Has(principal, permission, static _ => true);

    /// <exception cref="AccessDeniedException">It is not allowed; the message says what would be needed.</exception>
    public void Demand(ClaimsPrincipal principal, Permission permission, string? @namespace)
    {
        if (!Allows(principal, permission, @namespace))
        {
            throw new AccessDeniedException(PortalClaims.ActorOf(principal), permission, @namespace, isReadOnly && permission.IsWrite());
        }
    }

    /// <summary>The roles somebody has in a namespace, the least first.</summary>
    public IReadOnlyList<PortalRole> RolesOf(ClaimsPrincipal principal, string? @namespace) =>
        [.. BindingsOf(principal).Where(binding => binding.Covers(@namespace)).Select(binding => binding.Role).Distinct().Order()];

    private bool Has(ClaimsPrincipal principal, Permission permission, Func<RoleBinding, bool> where) =>
        BindingsOf(principal).Any(binding => RolePermissions.Of(binding.Role).Contains(permission) && where(binding));

    private IEnumerable<RoleBinding> BindingsOf(ClaimsPrincipal principal) =>
        principal.Identity?.IsAuthenticated == true ? bindings.Where(binding => Concerns(binding, principal)) : [];

    private static bool Concerns(RoleBinding binding, ClaimsPrincipal principal) => binding switch
    {
        { Group: { } group } => principal.HasClaim(PortalClaims.Group, group),
        { User: { } user } => principal.HasClaim(PortalClaims.Id, user) || principal.HasClaim(PortalClaims.User, user),
        _ => false,
    };
}
