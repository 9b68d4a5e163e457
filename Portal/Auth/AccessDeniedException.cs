namespace Portal.Auth;

/// <summary>Somebody asked for what they may not do. REST answers 403 with the message, pages show it.</summary>
public sealed class AccessDeniedException : Exception
{
    public AccessDeniedException(Actor actor, Permission permission, string? @namespace, bool isReadOnly = false)
        : base(Words(actor, permission, @namespace, isReadOnly)) => (Actor, Permission, Namespace) = (actor, permission, @namespace);

    public Actor Actor { get; }
    public Permission Permission { get; }
    public string? Namespace { get; }

    private static string Words(Actor actor, Permission permission, string? @namespace, bool isReadOnly)
    {
        if (isReadOnly)
        {
            return "This portal is read-only (Portal:ReadOnly): nothing can be changed through it.";
        }

        var place = @namespace is null ? "in all namespaces" : $"in the namespace \"{@namespace}\"";
        return actor == Actor.Anonymous
            ? "Sign in first."
            : actor.Kind == ActorKind.Token
            ? $"The service token \"{actor.Name}\" may not {permission.Words()} {place}: it was not given that."
            : $"{actor.Name} may not {permission.Words()} {place}. That takes the role {string.Join(" or ", RolePermissions.With(permission))} there; ask an administrator of the portal.";
    }
}
