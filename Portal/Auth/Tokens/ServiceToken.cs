using System.Security.Claims;
using Portal.Data;

namespace Portal.Auth.Tokens;

/// <summary>A token of automation, without its secret. Times in UTC.</summary>
public sealed record ServiceToken(
    string Id, string Name, IReadOnlyList<Permission> Permissions, IReadOnlyList<string> Namespaces, string CreatedBy, DateTime CreatedAt, DateTime ExpiresAt,
    DateTime? RevokedAt, string? RevokedBy, DateTime? LastUsedAt)
{
    internal static ServiceToken Of(ServiceTokenRow row) => new(
        row.Id, row.Name, [.. row.Permissions.Split(',').Select(Enum.Parse<Permission>)], row.Namespaces.Split(','), row.CreatedByName, row.CreatedAt, row.ExpiresAt,
        row.RevokedAt, row.RevokedByName, row.LastUsedAt);

    internal static ClaimsPrincipal PrincipalOf(ServiceTokenRow row) => PortalClaims.PrincipalOf(
        new Actor($"token:{row.Id}", row.Name, ActorKind.Token), TokenHandler.SchemeName,
        [
            .. row.Permissions.Split(',').Select(permission => new Claim(PortalClaims.Permission, permission)),
            .. row.Namespaces.Split(',').Select(pattern => new Claim(PortalClaims.Namespace, pattern)),
            new Claim(PortalClaims.ResponsibleId, row.CreatedById),
        ]);
}

/// <summary>A token just made, and its secret, which cannot be had again.</summary>
public sealed record NewServiceToken(ServiceToken Token, string Secret);
