namespace Portal.Auth;

/// <summary>Who did something, as it is written into records: never changes its meaning, also when the person has left.</summary>
/// <param name="Id">Unique and stable: <c>local:admin</c>, <c>oidc:&lt;provider&gt;:&lt;subject&gt;</c>, <c>token:&lt;id&gt;</c>, <c>system:portal</c>.</param>
/// <param name="Name">For people.</param>
public sealed record Actor(string Id, string Name, ActorKind Kind)
{
    /// <summary>The portal itself, when no person asked: retries, schedules, seeds.</summary>
    public static readonly Actor System = new("system:portal", "GenkitPortal", ActorKind.System);

    /// <summary>Nobody who has signed in.</summary>
    public static readonly Actor Anonymous = new("anonymous", "Not signed in", ActorKind.User);
}

public enum ActorKind
{
    User,

    /// <summary>Automation with a service token.</summary>
    Token,

    System,
}
