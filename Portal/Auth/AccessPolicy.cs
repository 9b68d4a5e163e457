using System.Security.Claims;
using Portal.Auth.Options;

namespace Portal.Auth;

/// <summary>
/// Decides who may do what, from role bindings and what is written into a service token. What neither gives is refused. Thread-safe; a decision costs no I/O.
/// </summary>
/// <param name="bindings">Who has which role where.</param>
/// <param name="isReadOnly">Whether nothing may be changed by anybody.</param>
public sealed class AccessPolicy(IReadOnlyList<RoleBinding> bindings, bool isReadOnly = false)
{
    private volatile IReadOnlyList<RoleBinding> _bindings = bindings;

    public bool IsReadOnly => isReadOnly;

    /// <param name="namespace">Null for what belongs to no namespace: only a right in all of them (<c>*</c>) counts.</param>
    public bool Allows(ClaimsPrincipal principal, Permission permission, string? @namespace) =>
        !IsForbiddenToAll(permission) && PatternsOf(principal, permission).Any(pattern => NamespacePattern.Matches(pattern, @namespace));

    /// <summary>Whether there can be a namespace in which it is allowed: for menus, and lists that show only what may be seen.</summary>
    public bool AllowsSomewhere(ClaimsPrincipal principal, Permission permission) => !IsForbiddenToAll(permission) && PatternsOf(principal, permission).Any();

    /// <summary>Whether it is allowed in every namespace that <paramref name="pattern"/> stands for.</summary>
    public bool AllowsThroughout(ClaimsPrincipal principal, Permission permission, string pattern) =>
        !IsForbiddenToAll(permission) && PatternsOf(principal, permission).Any(outer => NamespacePattern.Includes(outer, pattern));

    /// <exception cref="AccessDeniedException">It is not allowed; the message says what would be needed.</exception>
    public void Demand(ClaimsPrincipal principal, Permission permission, string? @namespace)
    {
        if (!Allows(principal, permission, @namespace))
        {
            throw Denied(principal, permission, @namespace);
        }
    }

    /// <exception cref="AccessDeniedException">It is not allowed in every namespace of the pattern.</exception>
    public void DemandThroughout(ClaimsPrincipal principal, Permission permission, string pattern)
    {
        if (!AllowsThroughout(principal, permission, pattern))
        {
            throw Denied(principal, permission, pattern);
        }
    }

    /// <summary>The roles somebody has in a namespace, the least first.</summary>
    public IReadOnlyList<PortalRole> RolesOf(ClaimsPrincipal principal, string? @namespace) =>
        [.. BindingsOf(principal).Where(binding => binding.Covers(@namespace)).Select(binding => binding.Role).Distinct().Order()];

    /// <summary>Who has a role in a namespace.</summary>
    public IReadOnlyList<RoleBinding> BindingsIn(string? @namespace) => [.. _bindings.Where(binding => binding.Covers(@namespace))];

    /// <summary>Decides by these from now on.</summary>
    internal void Use(IReadOnlyList<RoleBinding> bindings) => _bindings = bindings;

    private AccessDeniedException Denied(ClaimsPrincipal principal, Permission permission, string? @namespace) =>
        new(PortalClaims.ActorOf(principal), permission, @namespace, IsForbiddenToAll(permission));

    private bool IsForbiddenToAll(Permission permission) => isReadOnly && permission.IsWrite();

    // People have what their roles give; a service token has what was written into it.
    private IEnumerable<string> PatternsOf(ClaimsPrincipal principal, Permission permission)
    {
        if (PortalClaims.ActorOf(principal).Kind == ActorKind.Token)
        {
            return principal.HasClaim(PortalClaims.Permission, permission.ToString()) ? principal.FindAll(PortalClaims.Namespace).Select(claim => claim.Value) : [];
        }

        return BindingsOf(principal).Where(binding => RolePermissions.Of(binding.Role).Contains(permission)).SelectMany(binding => binding.Namespaces);
    }

    private IEnumerable<RoleBinding> BindingsOf(ClaimsPrincipal principal) =>
        principal.Identity?.IsAuthenticated == true ? _bindings.Where(binding => Concerns(binding, principal)) : [];

    private static bool Concerns(RoleBinding binding, ClaimsPrincipal principal) => IsFrom(principal, binding.Provider) && binding switch
    {
        { Group: { } group } => principal.HasClaim(PortalClaims.Group, group),
        { User: { } user } => principal.HasClaim(PortalClaims.Id, user) || principal.HasClaim(PortalClaims.User, user),
        _ => false,
    };

    private static bool IsFrom(ClaimsPrincipal principal, string? provider) =>
        provider is null || PortalClaims.ActorOf(principal).Id.StartsWith($"{OidcProviderOptions.SchemeOf(provider)}:", StringComparison.Ordinal);
}
