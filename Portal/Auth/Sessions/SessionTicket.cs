using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Auth.Sessions;

/// <summary>What a provider said of a person.</summary>
/// <param name="Principal">Whom it signed in.</param>
/// <param name="IdToken">For telling the provider who signs out.</param>
/// <param name="RefreshToken">For asking it again; null where it gave none.</param>
/// <param name="At">When it said so; UTC.</param>
internal sealed record SessionClaims(ClaimsPrincipal Principal, string? IdToken, string? RefreshToken, DateTime At);

/// <summary>Claims and tokens of a session as they lie in the database: encrypted with the key ring.</summary>
internal sealed class SessionTicket(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Sessions.v1");

    public byte[] Seal(string scheme, SessionClaims content)
    {
        // Open adds the session's id.
        var claims = content.Principal.Claims.Where(claim => claim.Type != PortalClaims.Session);
        var json = new JsonObject
        {
            ["scheme"] = scheme,
            ["claims"] = new JsonArray([.. claims.Select(claim => new JsonArray(claim.Type, claim.Value))]),
            ["idToken"] = content.IdToken,
            ["refreshToken"] = content.RefreshToken,
            ["at"] = content.At.ToString("O", CultureInfo.InvariantCulture),
        };
        return _protector.Protect(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>Null when the key that sealed it is gone.</summary>
    public SessionClaims? Open(byte[] ticket, string sessionId)
    {
        try
        {
            var json = JsonNode.Parse(_protector.Unprotect(ticket))!;
            var claims = json["claims"]!.AsArray().Select(pair => new Claim((string)pair![0]!, (string)pair[1]!));
            var identity = new ClaimsIdentity([.. claims, new Claim(PortalClaims.Session, sessionId)], (string)json["scheme"]!, PortalClaims.Name, PortalClaims.Group);

            // One that was sealed before that was kept is old.
            var at = (string?)json["at"] is { } time ? DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : DateTime.UnixEpoch;
            return new SessionClaims(new ClaimsPrincipal(identity), (string?)json["idToken"], (string?)json["refreshToken"], at);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
