using System.Security.Claims;

namespace Portal.Auth;

/// <summary>
/// Who one can be while no sign-in is configured and the portal answers on loopback alone: the local administrator, and two people made up for trying
/// four-eyes release on one's own.
/// </summary>
public sealed record LocalPersona(string Key, Actor Actor, PortalRole Role, string Description)
{
    public const string Scheme = "Local";

    public static readonly LocalPersona Administrator = new(
        "admin", new Actor("local:admin", "Local administrator", ActorKind.User), PortalRole.Admin, "May do everything.");

    public static readonly LocalPersona Author = new(
        "ada", new Actor("local:ada", "Ada (demo author)", ActorKind.User), PortalRole.Author, "Writes drafts and asks for their release.");

    public static readonly LocalPersona Approver = new(
        "ben", new Actor("local:ben", "Ben (demo approver)", ActorKind.User), PortalRole.Approver, "Decides on releases.");

    public static IReadOnlyList<LocalPersona> All { get; } = [Administrator, Author, Approver];

    public static IReadOnlyList<RoleBinding> Bindings { get; } = [.. All.Select(persona => new RoleBinding(null, persona.Actor.Id, persona.Role, ["*"]))];

    public static LocalPersona? Find(string? key) => All.FirstOrDefault(persona => persona.Key == key);

    public ClaimsPrincipal Principal() => PortalClaims.PrincipalOf(Actor, Scheme);
}
