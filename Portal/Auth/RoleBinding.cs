namespace Portal.Auth;

/// <summary>Gives a role to somebody in some namespaces.</summary>
/// <param name="Group">Everyone in this group of the identity provider; null when <paramref name="User"/> is set.</param>
/// <param name="User">One person, by e-mail address, user name or <see cref="Actor.Id"/>.</param>
/// <param name="Namespaces">Names; <c>team-*</c> stands for all that begin so, and <c>*</c> for all there are and the portal itself.</param>
public sealed record RoleBinding(string? Group, string? User, PortalRole Role, IReadOnlyList<string> Namespaces)
{
    /// <summary>The provider whose group or user is meant; null for any.</summary>
    public string? Provider { get; init; }

    /// <summary>Null asks for what belongs to no namespace.</summary>
    public bool Covers(string? @namespace) => Namespaces.Any(pattern => NamespacePattern.Matches(pattern, @namespace));
}
