using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Auth;

/// <summary>Acting as somebody else by the headers <c>Impersonate-User</c>, <c>-Group</c>, <c>-Uid</c> and <c>-Extra-…</c>: each value needs the verb impersonate.</summary>
internal static class Impersonation
{
    private const string Prefix = "Impersonate-";
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <summary>Who the caller acts as; null without these headers. They are taken off the request.</summary>
    /// <exception cref="ApiException">403: the caller may not; 400: the headers name no user.</exception>
    public static UserInfo? Find(HttpContext http, UserInfo caller, Authorizer authorizer)
    {
        var headers = http.Request.Headers;
        var given = headers.Where(header => header.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        if (given.Count == 0)
        {
            return null;
        }

        var name = headers["Impersonate-User"].ToString();
        if (name.Length == 0)
        {
            throw ApiException.BadRequest($"requested {string.Join(", ", given.Select(header => header.Key))} without impersonating a user");
        }

        string[] groups = [.. headers["Impersonate-Group"].OfType<string>().Where(group => group.Length > 0)];
        var uid = headers["Impersonate-Uid"].ToString();

        // Two headers may spell one key: encoded and not.
        var extra = given.Where(header => header.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            .GroupBy(header => Uri.UnescapeDataString(header.Key[ExtraPrefix.Length..]).ToLowerInvariant(), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.SelectMany(header => header.Value.OfType<string>())], StringComparer.Ordinal);
        foreach (var needed in Needed(name, groups, uid, extra))
        {
            authorizer.Require(caller, needed);
        }

        foreach (var header in given)
        {
            headers.Remove(header.Key);
        }

        return new UserInfo(name, Groups(name, groups)) { Uid = uid, Extra = extra };
    }

    private static IEnumerable<RequestAttributes> Needed(
        string name, string[] groups, string uid, Dictionary<string, IReadOnlyList<string>> extra)
    {
        yield return ServiceAccounts.Split(name) is var (@namespace, account)
            ? Impersonate("", "serviceaccounts", account) with { Namespace = @namespace }
            : Impersonate("", "users", name);
        foreach (var group in groups)
        {
            yield return Impersonate("", "groups", group);
        }

        if (uid.Length > 0)
        {
            yield return Impersonate(AuthenticationGroup, "uids", uid);
        }

        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                yield return Impersonate(AuthenticationGroup, "userextras", value) with { Subresource = key };
            }
        }
    }

    private static RequestAttributes Impersonate(string group, string resource, string name) =>
        new() { IsResource = true, Verb = "impersonate", Group = group, Version = "v1", Resource = resource, Name = name };

    /// <summary>Named groups, or those an account has by itself; everyone but the anonymous user is authenticated.</summary>
    private static IReadOnlyList<string> Groups(string name, string[] groups)
    {
        if (groups.Length == 0 && ServiceAccounts.Split(name) is var (@namespace, _))
        {
            return ServiceAccounts.Groups(@namespace);
        }

        return name == UserInfo.Anonymous.Name ? groups.Contains(UserInfo.Unauthenticated) ? groups : [.. groups, UserInfo.Unauthenticated]
            : groups.Contains(UserInfo.Authenticated) || groups.Contains(UserInfo.Unauthenticated) ? groups
            : [.. groups, UserInfo.Authenticated];
    }
}
