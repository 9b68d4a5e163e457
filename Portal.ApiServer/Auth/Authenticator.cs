using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Portal.ApiServer.Auth;

/// <summary>Knows two callers: code in this process, by its transport, and the holder of the administrator's token.</summary>
internal sealed class Authenticator(string? token)
{
    private const string Scheme = "Bearer ";
    private readonly byte[]? _token = token is null ? null : Encoding.UTF8.GetBytes(token);

    /// <summary>Who asks, or null.</summary>
    public UserInfo? Authenticate(HttpContext http)
    {
        if (http.Features.Get<Transport.InMemoryConnection>() is not null)
        {
            return UserInfo.InProcess;
        }

        var header = http.Request.Headers.Authorization.ToString();
        return _token is not null && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), _token)
                ? UserInfo.Administrator
                : null;
    }
}
