using Portal.Auth;
using Portal.Auth.Oidc;
using Portal.Auth.Options;

namespace Portal.Tests.Portal.Auth;

public sealed class ProviderClaimsTests
{
    private static readonly OidcProviderOptions s_provider = new()
    {
        Name = "corp",
        DisplayName = "Corp",
        Authority = new Uri("https://id.example.com"),
        ClientId = "portal",
        UserClaim = "preferred_username",
    };

    [Theory]
    [InlineData("ada", "ada")]
    [InlineData("ada@example.com", "ada@example.com")]
    [InlineData("oidc:corp:42", null)]
    [InlineData("local:admin", null)]
    [InlineData("token:1", null)]
    [InlineData("system:kube-controller-manager", null)]
    [InlineData("SYSTEM:admin", null)]
    public void PrincipalOf_ANameThatIsAnothersId_IsNotTaken(string chosen, string? expected)
    {
        var principal = ProviderClaims.PrincipalOf(s_provider, "7", new JsonObject { ["preferred_username"] = chosen });

        Assert.Equal(expected, principal.FindFirst(PortalClaims.User)?.Value);
        Assert.Equal("oidc:corp:7", PortalClaims.ActorOf(principal).Id);
    }

    // Sent in a header, it would be a line of its own.
    [Theory]
    [InlineData("ada\u001froot", "7", "preferred_username")]
    [InlineData("ada\r\nImpersonate-User: root", "7", "preferred_username")]
    [InlineData("ada", "7\u001froot", "sub")]
    public void PrincipalOf_ANameWithControlCharacters_IsRefusedByItsClaim(string chosen, string subject, string claim)
    {
        var exception = Assert.Throws<TokenRefusedException>(() => ProviderClaims.PrincipalOf(s_provider, subject, new JsonObject { ["preferred_username"] = chosen }));

        Assert.Equal($"The provider's claim {claim} has control characters, which no user's name may have.", exception.Message);
    }

    [Theory]
    [InlineData(null, false, false)]
    [InlineData(false, false, false)]
    [InlineData(true, false, true)]
    [InlineData(null, true, true)]
    public void PrincipalOf_Address_CountsWhenItWasChecked(bool? verified, bool verifiesAll, bool counts)
    {
        var claims = new JsonObject { ["email"] = "ruth@example.com", ["name"] = "Ruth", ["groups"] = new JsonArray() };
        if (verified is { } value)
        {
            claims["email_verified"] = value;
        }

        var provider = s_provider with { UserClaim = "email", VerifiesEmails = verifiesAll };
        Assert.Equal(counts, ProviderClaims.PrincipalOf(provider, "7", claims).HasClaim(PortalClaims.User, "ruth@example.com"));
        Assert.Equal(verified is not null || verifiesAll, ProviderClaims.IsComplete(provider, claims));
    }
}
