using Portal.Kubernetes.Client;

namespace Portal.Auth;

/// <summary>
/// The cluster as a person changes it: with <c>Portal:Auth:ImpersonateUsers</c> in their own name, so that its RBAC decides too and its audit sees them; else
/// in the portal's.
/// </summary>
public sealed class PersonalCluster(KubeClient client, PortalOptions options)
{
    public KubeClient For(CurrentUser user) => options.SignIn.ImpersonateUsers ? client.As(NameOf(user), GroupsOf(user)) : client;

    /// <summary>What role bindings of the cluster call them: the claim that bindings of the portal compare, or the id where the provider gives none.</summary>
    public static string NameOf(CurrentUser user) => user.Principal.FindFirst(PortalClaims.User)?.Value ?? user.Actor.Id;

    /// <summary>Their groups at the provider. Those that begin as the cluster's own do not count: whoever may name a group there would be a cluster's administrator here.</summary>
    public static IReadOnlyCollection<string> GroupsOf(CurrentUser user) =>
        [.. user.Principal.FindAll(PortalClaims.Group).Select(claim => claim.Value).Where(group => !group.StartsWith("system:", StringComparison.OrdinalIgnoreCase))];
}
