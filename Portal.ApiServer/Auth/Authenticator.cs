using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Auth;

/// <summary>
/// Knows the callers: the holder of the administrator's token, holders of service accounts' tokens, and, by its transport, code in this process
/// (unless it shows a token of its own). Without credentials only health can be asked for.
/// </summary>
internal sealed class Authenticator(string? token, ServiceAccountTokens accounts)
{
    private const string Scheme = "Bearer ";
    private static readonly string[] s_apiAudiences = [ServiceAccountTokens.Issuer];

    // Compared as hashes, so that the time it takes tells nothing, not even the length.
    private readonly byte[]? _administrator = token is null ? null : Hash(token);

    /// <summary>Who asks.</summary>
    /// <exception cref="ApiException">401: nobody this server knows.</exception>
    public UserInfo Authenticate(HttpContext http)
    {
        var header = http.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return http.Features.Get<Transport.InMemoryConnection>() is not null ? UserInfo.InProcess
                : http.Request.Path.Value is "/healthz" or "/livez" or "/readyz" ? UserInfo.Anonymous
                : throw ApiException.Unauthorized();
        }

        var text = header.ToString();
        return text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Check(text[Scheme.Length..].Trim(), s_apiAudiences) is { } found
            ? found.User
            : throw ApiException.Unauthorized();
    }

    /// <summary>Who a token stands for; null when it is not good.</summary>
    /// <param name="audiences">Who it must be meant for, one of these; none means this server.</param>
    public TokenIdentity? Check(string given, IReadOnlyList<string> audiences)
    {
        var wanted = audiences.Count == 0 ? s_apiAudiences : audiences;
        return _administrator is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _administrator)
            ? new TokenIdentity(UserInfo.Administrator, [.. wanted.Intersect(s_apiAudiences)])
            : accounts.Check(given, wanted);
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
