using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Auth.Sessions;

/// <summary>Claims and ID token of a session as they lie in the database: encrypted with the key ring.</summary>
internal sealed class SessionTicket(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Sessions.v1");

    public byte[] Seal(string scheme, IEnumerable<Claim> claims, string? idToken)
    {
        var json = new JsonObject
        {
            ["scheme"] = scheme,
            ["claims"] = new JsonArray([.. claims.Select(claim => new JsonArray(claim.Type, claim.Value))]),
            ["idToken"] = idToken,
        };
        return _protector.Protect(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Null when the key that sealed it is gone.</summary>
    public (ClaimsPrincipal Principal, string? IdToken)? Open(byte[] ticket, string sessionId)
    {
        try
        {
            var json = JsonNode.Parse(_protector.Unprotect(ticket))!;
            var claims = json["claims"]!.AsArray().Select(pair => new Claim((string)pair![0]!, (string)pair[1]!));
            var identity = new ClaimsIdentity([.. claims, new Claim(PortalClaims.Session, sessionId)], (string)json["scheme"]!, PortalClaims.Name, PortalClaims.Group);
            return (new ClaimsPrincipal(identity), (string?)json["idToken"]);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
