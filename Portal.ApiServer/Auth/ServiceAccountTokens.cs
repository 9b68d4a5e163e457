using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Auth;

/// <summary>
/// Signs and checks tokens of service accounts: JSON Web Tokens (ES256) with the claims of the real server. A token is good until it expires, and only as
/// long as the account it was made for, and the object it is bound to, exist under the uids they had.
/// </summary>
internal sealed class ServiceAccountTokens(ServiceAccountKey key, RevisionLog log, TimeProvider timeProvider)
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";

    private const string PrivateClaim = "kubernetes.io";
    private const string CredentialId = "authentication.kubernetes.io/credential-id";
    private const int MaxLength = 16 * 1024;
    private const int CacheLimit = 1000;

    // Signatures that were found good, by hash of the token. What can change is looked at every time.
    private readonly ConcurrentDictionary<string, Claims> _known = new(StringComparer.Ordinal);

    /// <summary>Makes a token.</summary>
    /// <param name="account">The account as it is stored.</param>
    /// <param name="bound">Object the token dies with, or null.</param>
    public (string Token, DateTimeOffset Expires) Issue(StoredObject account, IReadOnlyList<string> audiences, TimeSpan lifetime, BoundObject? bound)
    {
        var now = timeProvider.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds(now.Add(lifetime).ToUnixTimeSeconds());
        var about = new JsonObject
        {
            ["namespace"] = account.Key.Namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = account.Key.Name, ["uid"] = account.Uid },
        };
        if (bound is not null)
        {
            about[bound.Kind] = new JsonObject { ["name"] = bound.Name, ["uid"] = bound.Uid };
        }

        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. audiences.Select(audience => (JsonNode)audience)]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            [PrivateClaim] = about,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = ServiceAccounts.UserName(account.Key.Namespace, account.Key.Name),
        };
        var signed = $"{Encode(new JsonObject { ["alg"] = "ES256", ["kid"] = key.Id })}.{Encode(claims)}";
        return ($"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}", expires);
    }

    /// <summary>Who a token stands for, and which of <paramref name="audiences"/> it is for; null when it is not good for any of them.</summary>
    public TokenIdentity? Check(string token, IReadOnlyList<string> audiences)
    {
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (!_known.TryGetValue(hash, out var claims))
        {
            claims = Read(token);
            if (claims is null)
            {
                return null;
            }

            if (_known.Count >= CacheLimit)
            {
                _known.Clear();
            }

            _known[hash] = claims;
        }

        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var meant = claims.Audiences.Intersect(audiences, StringComparer.Ordinal).ToList();
        return now < claims.Expires && now >= claims.NotBefore && meant.Count > 0 && IsAlive(claims) ? new TokenIdentity(claims.ToUser(), meant) : null;
    }

    /// <summary>The public key, as <c>/openid/v1/jwks</c> shows it.</summary>
    public JsonObject KeySet() => new() { ["keys"] = new JsonArray(key.ToJwk()) };

    /// <summary>What relying parties need to know about the issuer (OpenID Connect Discovery).</summary>
    /// <param name="host">Host and port the caller reached this server at.</param>
    public static JsonObject Configuration(string host) => new()
    {
        ["issuer"] = Issuer,
        ["jwks_uri"] = $"https://{host}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    };

    private bool IsAlive(Claims claims) =>
        log.Find(new ObjectKey(ServiceAccounts.StorageKey, claims.Namespace, claims.Name)) is { } account && account.Uid == claims.Uid
        && !Metadata.IsTerminating(account.Json)
        && (claims.Bound is not { } bound
            || (log.Find(new ObjectKey($"/{bound.Kind}s", claims.Namespace, bound.Name)) is { } found && found.Uid == bound.Uid));

    /// <summary>The claims of a token that this server signed; null for anything else.</summary>
    private Claims? Read(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var payload, var signature])
        {
            return null;
        }

        try
        {
            // What is signed with decides how to check, never what the token says about itself: any other algorithm or key is refused.
            if (Decode(header) is not { } about || about["alg"]?.ToString() != "ES256" || about["kid"]?.ToString() != key.Id
                || !key.Verify(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature)))
            {
                return null;
            }

            return Decode(payload) is { } claims && claims["iss"]?.ToString() == Issuer ? Claims.Of(claims) : null;
        }
        catch (Exception problem) when (problem is FormatException or JsonException or InvalidOperationException or CryptographicException)
        {
            return null;
        }
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(json));

    private static JsonObject? Decode(string part) => JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;

    private sealed record Claims(
        string Namespace, string Name, string Uid, string Id, IReadOnlyList<string> Audiences, long NotBefore, long Expires, BoundObject? Bound)
    {
        private static readonly string[] s_boundKinds = ["pod", "secret"];

        public static Claims? Of(JsonObject claims)
        {
            if (claims[PrivateClaim] is not JsonObject about || about["serviceaccount"] is not JsonObject account)
            {
                return null;
            }

            var bound = s_boundKinds
                .Where(kind => about[kind] is JsonObject)
                .Select(kind => new BoundObject(kind, about[kind]!["name"]!.ToString(), about[kind]!["uid"]!.ToString()))
                .FirstOrDefault();
            return new Claims(
                about["namespace"]!.ToString(), account["name"]!.ToString(), account["uid"]!.ToString(), claims["jti"]!.ToString(),
                [.. claims["aud"]!.AsArray().Select(audience => audience!.ToString())],
                long.Parse(claims["nbf"]!.ToString(), CultureInfo.InvariantCulture), long.Parse(claims["exp"]!.ToString(), CultureInfo.InvariantCulture), bound);
        }

        public UserInfo ToUser()
        {
            var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [CredentialId] = [$"JTI={Id}"] };
            if (Bound is { Kind: "pod" })
            {
                extra["authentication.kubernetes.io/pod-name"] = [Bound.Name];
                extra["authentication.kubernetes.io/pod-uid"] = [Bound.Uid];
            }

            return new UserInfo(ServiceAccounts.UserName(Namespace, Name), ServiceAccounts.Groups(Namespace)) { Uid = Uid, Extra = extra };
        }
    }
}

/// <summary>An object a token is good for as long as.</summary>
/// <param name="Kind"><c>pod</c> or <c>secret</c>.</param>
internal sealed record BoundObject(string Kind, string Name, string Uid);

/// <summary>Who a token stands for.</summary>
/// <param name="Audiences">Those of the wanted audiences it is for.</param>
internal sealed record TokenIdentity(UserInfo User, IReadOnlyList<string> Audiences);
