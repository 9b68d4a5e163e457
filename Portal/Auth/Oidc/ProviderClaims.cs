using System.Security.Claims;
using Portal.Auth.Options;

namespace Portal.Auth.Oidc;

/// <summary>Makes the portal's principal from what a provider says about somebody, in the ID token and at the userinfo endpoint.</summary>
internal static class ProviderClaims
{
    private const string Verified = "email_verified";
    private const int MaximumGroups = 1000;

    /// <summary>How ids of the portal and names of the cluster's own users begin.</summary>
    private static readonly string[] s_reserved = ["system:", "oidc:", "token:", "local:"];

    /// <param name="subject">As the ID token has it.</param>
    /// <param name="claims">Claims of both, the ID token's winning.</param>
    /// <exception cref="TokenRefusedException">A name that the portal compares and sends in headers has control characters.</exception>
    public static ClaimsPrincipal PrincipalOf(OidcProviderOptions provider, string subject, JsonObject claims)
    {
        var name = Text(claims, provider.NameClaim) ?? Text(claims, "preferred_username") ?? Text(claims, "email") ?? subject;
        var more = Groups(provider, claims).Select(group => new Claim(PortalClaims.Group, group));
        if (UserOf(provider, claims) is { } user)
        {
            more = more.Append(new Claim(PortalClaims.User, user));
        }

        return PortalClaims.PrincipalOf(new Actor($"oidc:{provider.Name}:{Plain("sub", subject)}", name, ActorKind.User), provider.Scheme, more);
    }

    /// <summary>Whether everything the portal looks at is there.</summary>
    public static bool IsComplete(OidcProviderOptions provider, JsonObject claims) =>
        provider.GroupsClaims.Append(provider.UserClaim).Append(provider.NameClaim).Concat(AsksForProof(provider) ? [Verified] : []).All(path => Find(claims, path) is not null);

    private static bool AsksForProof(OidcProviderOptions provider) => provider.UserClaim == "email" && !provider.VerifiesEmails;

    // Anyone can write any address into a profile; only one the provider has checked may give a role. At some providers people choose their names: one that
    // is another's id here would have that person's roles, and with impersonation system:kube-controller-manager those of the cluster itself.
    private static string? UserOf(OidcProviderOptions provider, JsonObject claims) =>
        (AsksForProof(provider) && !(claims[Verified] is JsonValue verified && verified.ToString() is "true" or "True"))
        || Text(claims, provider.UserClaim) is not { } user || s_reserved.Any(beginning => user.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            ? null
            : Plain(provider.UserClaim, user);

    private static string Plain(string claim, string value) => value.Any(char.IsControl)
        ? throw new TokenRefusedException($"The provider's claim {claim} has control characters, which no user's name may have.")
        : value;

    private static IEnumerable<string> Groups(OidcProviderOptions provider, JsonObject claims) => provider.GroupsClaims
        .SelectMany(path => Find(claims, path) switch
        {
            JsonArray list => list.OfType<JsonValue>().Select(item => item.ToString()),
            JsonValue one => [one.ToString()],
            _ => [],
        })
        .Where(group => group.Length > 0).Distinct().Take(MaximumGroups);

    // The whole name first: some providers have claims like https://example.com/groups.
    private static JsonNode? Find(JsonObject claims, string path)
    {
        if (claims[path] is { } whole)
        {
            return whole;
        }

        JsonNode? node = claims;
        foreach (var part in path.Split('.'))
        {
            node = (node as JsonObject)?[part];
        }

        return node;
    }

    private static string? Text(JsonObject claims, string name) => Find(claims, name) is JsonValue value && value.ToString() is { Length: > 0 } text ? text : null;
}
