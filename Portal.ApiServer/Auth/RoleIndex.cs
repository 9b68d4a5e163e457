using System.Collections.Frozen;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Auth;

/// <summary>What a binding gives to one of its subjects.</summary>
/// <param name="Source">The binding and subject, for the reason of a decision.</param>
/// <param name="Rules">Rules of the role; none when it is missing.</param>
/// <param name="Problem">Why there are no rules, or null.</param>
internal sealed record Grant(string Source, PolicyRule[] Rules, string? Problem);

/// <summary>All roles and bindings at one moment, arranged by who they are for. Immutable.</summary>
internal sealed class RoleIndex
{
    private const string Group = "rbac.authorization.k8s.io";
    private static readonly Scope s_empty = new(FrozenDictionary<string, Grant[]>.Empty, FrozenDictionary<string, Grant[]>.Empty);

    private readonly FrozenDictionary<string, PolicyRule[]> _roles;
    private readonly FrozenDictionary<string, PolicyRule[]> _clusterRoles;
    private readonly Scope _cluster;
    private readonly FrozenDictionary<string, Scope> _namespaces;

    public RoleIndex(
        IEnumerable<StoredObject> roles, IEnumerable<StoredObject> clusterRoles, IEnumerable<StoredObject> bindings, IEnumerable<StoredObject> clusterBindings)
    {
        _roles = roles.ToFrozenDictionary(stored => stored.Key.Path, stored => PolicyRule.List(stored.Json["rules"]), StringComparer.Ordinal);
        _clusterRoles = clusterRoles.ToFrozenDictionary(stored => stored.Key.Name, stored => PolicyRule.List(stored.Json["rules"]), StringComparer.Ordinal);
        _cluster = Arrange(clusterBindings, "");
        _namespaces = bindings.GroupBy(stored => stored.Key.Namespace, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => Arrange(group, group.Key), StringComparer.Ordinal);
    }

    /// <summary>What a user is given: across the cluster, and in a namespace when it is not empty.</summary>
    public IEnumerable<Grant> For(UserInfo user, string @namespace)
    {
        var grants = _cluster.For(user);
        return @namespace.Length > 0 && _namespaces.TryGetValue(@namespace, out var scope) ? grants.Concat(scope.For(user)) : grants;
    }

    /// <summary>Rules of the role a <c>roleRef</c> in a namespace (empty for a cluster-wide binding) points to; null when it is missing.</summary>
    public PolicyRule[]? Resolve(string kind, string name, string @namespace) => kind switch
    {
        "Role" => _roles.GetValueOrDefault($"{@namespace}/{name}"),
        _ => _clusterRoles.GetValueOrDefault(name),
    };

    private Scope Arrange(IEnumerable<StoredObject> bindings, string @namespace)
    {
        var users = new Dictionary<string, List<Grant>>(StringComparer.Ordinal);
        var groups = new Dictionary<string, List<Grant>>(StringComparer.Ordinal);
        foreach (var binding in bindings)
        {
            var (kind, name) = (binding.Json["roleRef"]?["kind"]?.ToString() ?? "", binding.Json["roleRef"]?["name"]?.ToString() ?? "");
            var rules = Resolve(kind, name, @namespace);
            var problem = rules is null ? $"{kind.ToLowerInvariant()}.{Group} \"{name}\" not found" : null;
            var source = @namespace.Length == 0 ? $"ClusterRoleBinding \"{binding.Key.Name}\"" : $"RoleBinding \"{binding.Key.Name}/{@namespace}\"";
            foreach (var subject in (binding.Json["subjects"] as JsonArray ?? []).OfType<JsonObject>())
            {
                if (Find(subject, @namespace, users, groups) is var (index, key, shown))
                {
                    var grant = new Grant($"{source} of {kind} \"{name}\" to {shown}", rules ?? [], problem);
                    if (!index.TryGetValue(key, out var grants))
                    {
                        index[key] = grants = [];
                    }

                    grants.Add(grant);
                }
            }
        }

        return users.Count + groups.Count == 0 ? s_empty : new Scope(Freeze(users), Freeze(groups));
    }

    private static (Dictionary<string, List<Grant>> Index, string Key, string Shown)? Find(
        JsonObject subject, string @namespace, Dictionary<string, List<Grant>> users, Dictionary<string, List<Grant>> groups)
    {
        var (kind, name) = (subject["kind"]?.ToString(), subject["name"]?.ToString() ?? "");
        switch (kind)
        {
            case "User":
                return (users, name, $"User \"{name}\"");
            case "Group":
                return (groups, name, $"Group \"{name}\"");
            case "ServiceAccount":
                var owner = subject["namespace"]?.ToString() is { Length: > 0 } given ? given : @namespace;
                return owner.Length == 0 ? null : (users, ServiceAccounts.UserName(owner, name), $"ServiceAccount \"{name}/{owner}\"");
            default:
                return null;
        }
    }

    private static FrozenDictionary<string, Grant[]> Freeze(Dictionary<string, List<Grant>> index) =>
        index.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);

    private sealed record Scope(FrozenDictionary<string, Grant[]> Users, FrozenDictionary<string, Grant[]> Groups)
    {
        public IEnumerable<Grant> For(UserInfo user)
        {
            if (Users.TryGetValue(user.Name, out var own))
            {
                foreach (var grant in own)
                {
                    yield return grant;
                }
            }

            foreach (var group in user.Groups)
            {
                if (Groups.TryGetValue(group, out var shared))
                {
                    foreach (var grant in shared)
                    {
                        yield return grant;
                    }
                }
            }
        }
    }
}
