using Microsoft.AspNetCore.Http;
using Portal.ApiServer.Selectors;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Auth;

/// <summary>
/// What somebody wants to do, in the terms access rules are written in: a verb on a resource, or on a path. Empty stands for absent:
/// an empty name is every object, an empty namespace every namespace or cluster scope.
/// </summary>
internal sealed record RequestAttributes
{
    public required string Verb { get; init; }
    public bool IsResource { get; init; }
    public string Group { get; init; } = "";
    public string Version { get; init; } = "";
    public string Resource { get; init; } = "";
    public string Subresource { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";
    public string Path { get; init; } = "";

    /// <summary><c>pods</c>, or <c>pods/log</c>.</summary>
    public string QualifiedResource => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    /// <summary>Reads a request as the real server's RequestInfo does.</summary>
    /// <param name="path">Segments of the path, as routing sees them.</param>
    public static RequestAttributes Of(HttpContext http, string[] path)
    {
        var method = http.Request.Method;
        var (group, version, rest) = path switch
        {
            ["api", var core, .. var tail] => ("", core, tail),
            ["apis", var named, var of, .. var tail] => (named, of, tail),
            _ => ("", "", []),
        };
        if (rest.Length == 0)
        {
            return new RequestAttributes { Verb = method.ToLowerInvariant(), Path = http.Request.Path.Value ?? "" };
        }

        var watched = rest is ["watch", _, ..];
        if (watched)
        {
            rest = rest[1..];
        }

        var @namespace = "";
        if (rest is ["namespaces", var within, ..])
        {
            @namespace = within;
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
            {
                rest = rest[2..];
            }
        }

        var name = rest.ElementAtOrDefault(1) ?? "";
        var verb = watched ? "watch" : VerbOf(http, method, name.Length > 0);
        return new RequestAttributes
        {
            IsResource = true,
            Verb = verb,
            Group = group,
            Version = version,
            Resource = rest[0],
            Subresource = watched ? "" : rest.ElementAtOrDefault(2) ?? "",
            Namespace = @namespace,
            Name = name.Length == 0 && verb is "list" or "watch" or "deletecollection" ? SelectedName(http) : name,
            Path = http.Request.Path.Value ?? "",
        };
    }

    private static string VerbOf(HttpContext http, string method, bool named) => method switch
    {
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => named ? "delete" : "deletecollection",
        "GET" or "HEAD" when named => "get",
        "GET" or "HEAD" => Handlers.ApiCall.IsTrue(http.Request.Query["watch"].FirstOrDefault()) ? "watch" : "list",
        _ => method.ToLowerInvariant(),
    };

    /// <summary>The one name a field selector lets through: rules for that name then apply to a list.</summary>
    private static string SelectedName(HttpContext http)
    {
        var selector = http.Request.Query["fieldSelector"].FirstOrDefault();
        if (selector is null || !selector.Contains("metadata.name", StringComparison.Ordinal))
        {
            return "";
        }

        try
        {
            return FieldSelector.Parse(selector, [], namespaced: true).Name ?? "";
        }
        catch (SelectorException)
        {
            return "";
        }
    }
}
