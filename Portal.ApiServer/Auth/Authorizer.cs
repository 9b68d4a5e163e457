using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Auth;

/// <summary>The answer to whether somebody may do something.</summary>
/// <param name="Allowed">Whether it is allowed.</param>
/// <param name="Reason">Why; empty when there is nothing to say.</param>
internal readonly record struct Decision(bool Allowed, string Reason);

/// <summary>
/// Role-based access control, as the real server does it: what a role bound to the user allows, and nothing else; <c>system:masters</c> may do everything.
/// Every decision sees all writes that were answered before it. Roles and bindings are read again only after one of them changed.
/// </summary>
internal sealed class Authorizer(RevisionLog log)
{
    private static readonly string[] s_resources =
    [
        "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/clusterroles",
        "rbac.authorization.k8s.io/rolebindings", "rbac.authorization.k8s.io/clusterrolebindings",
    ];

    private volatile Cached? _cached;

    /// <summary>All roles and bindings as they are now.</summary>
    public RoleIndex Roles
    {
        get
        {
            var cached = _cached;
            if (cached is null || !cached.IsCurrent(log))
            {
                _cached = cached = Cached.Read(log);
            }

            return cached.Index;
        }
    }

    public Decision Decide(UserInfo user, RequestAttributes request)
    {
        if (user.Groups.Contains(UserInfo.Masters))
        {
            return new Decision(true, "");
        }

        List<string>? problems = null;
        foreach (var grant in Roles.For(user, request.Namespace))
        {
            if (grant.Problem is not null)
            {
                (problems ??= []).Add(grant.Problem);
            }

            foreach (var rule in grant.Rules)
            {
                if (rule.Allows(request))
                {
                    return new Decision(true, $"RBAC: allowed by {grant.Source}");
                }
            }
        }

        return new Decision(false, problems switch { null => "", [var one] => $"RBAC: {one}", _ => $"RBAC: [{string.Join(", ", problems.Distinct())}]" });
    }

    /// <exception cref="ApiException">403: it is not allowed.</exception>
    public void Require(UserInfo user, RequestAttributes request)
    {
        var (allowed, reason) = Decide(user, request);
        if (!allowed)
        {
            throw Forbidden(user, request, reason);
        }
    }

    /// <summary>Every rule that is for a user in a namespace.</summary>
    public IReadOnlyList<PolicyRule> RulesFor(UserInfo user, string @namespace) =>
        user.Groups.Contains(UserInfo.Masters) ? PolicyRule.Everything : [.. Roles.For(user, @namespace).SelectMany(grant => grant.Rules)];

    /// <summary>The refusal of what <see cref="Decide"/> did not allow.</summary>
    public static ApiException Forbidden(UserInfo user, RequestAttributes request, string reason)
    {
        var why = request.IsResource
            ? $"User \"{user.Name}\" cannot {request.Verb} resource \"{request.QualifiedResource}\" in API group \"{request.Group}\" "
                + (request.Namespace.Length > 0 ? $"in the namespace \"{request.Namespace}\"" : "at the cluster scope")
            : $"User \"{user.Name}\" cannot {request.Verb} path \"{request.Path}\"";
        return ApiException.Forbidden(request.Group, request.Resource, request.Name, reason.Length == 0 ? why : $"{why}: {reason}");
    }

    /// <summary>An index, and what it was made of.</summary>
    private sealed record Cached(object[] Markers, RoleIndex Index)
    {
        public static Cached Read(RevisionLog log)
        {
            // The markers first: a write that comes between makes the index look older than it is, never newer.
            object[] markers = [.. s_resources.Select(log.Marker)];
            var objects = s_resources.Select(resource => log.Snapshot(resource).Objects).ToArray();
            return new Cached(markers, new RoleIndex(objects[0], objects[1], objects[2], objects[3]));
        }

        public bool IsCurrent(RevisionLog log)
        {
            for (var i = 0; i < s_resources.Length; i++)
            {
                if (!ReferenceEquals(Markers[i], log.Marker(s_resources[i])))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
