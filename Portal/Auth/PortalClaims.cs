using System.Security.Claims;

namespace Portal.Auth;

/// <summary>The claims of the portal's own principals. Whatever proved who somebody is, afterwards it is told by these alone.</summary>
public static class PortalClaims
{
    /// <summary><see cref="Actor.Id"/>.</summary>
    public const string Id = "gp:id";

    /// <summary><see cref="Actor.Name"/>.</summary>
    public const string Name = "gp:name";

    /// <summary><see cref="Actor.Kind"/>.</summary>
    public const string Kind = "gp:kind";

    /// <summary>A group of the identity provider; any number of them.</summary>
    public const string Group = "gp:group";

    /// <summary>What the provider calls the person, for role bindings by user: e-mail address or user name.</summary>
    public const string User = "gp:user";

    /// <summary>The server-side session of a sign-in.</summary>
    public const string Session = "gp:session";

    /// <summary>What a service token may do; any number of them.</summary>
    public const string Permission = "gp:permission";

    /// <summary>Where a service token may do it: names or patterns; any number of them.</summary>
    public const string Namespace = "gp:namespace";

    /// <summary><see cref="Actor.Id"/> of the person who made a service token.</summary>
    public const string ResponsibleId = "gp:responsible";

    public static readonly ClaimsPrincipal Anonymous = new(new ClaimsIdentity());

    public static ClaimsPrincipal PrincipalOf(Actor actor, string scheme, params IEnumerable<Claim> more) => new(new ClaimsIdentity(
        [new Claim(Id, actor.Id), new Claim(Name, actor.Name), new Claim(Kind, actor.Kind.ToString()), .. more], scheme, Name, Group));

    public static Actor ActorOf(ClaimsPrincipal principal) =>
        principal.Identity?.IsAuthenticated == true && principal.FindFirst(Id)?.Value is { } id
            ? new Actor(id, principal.FindFirst(Name)?.Value ?? id, Enum.TryParse<ActorKind>(principal.FindFirst(Kind)?.Value, out var kind) ? kind : ActorKind.User)
            : Actor.Anonymous;
}
