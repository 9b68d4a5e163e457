using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Storage;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Controllers;

/// <summary>
/// Keeps what access depends on in step with writes, before they are answered: a service account <c>default</c> in every namespace,
/// and the rules of ClusterRoles that are made of other ClusterRoles.
/// </summary>
internal sealed class AccessController(ServerContext server)
{
    private const string ClusterRoles = "rbac.authorization.k8s.io/clusterroles";
    private const string DefaultAccount = "default";

    private readonly ObjectCreator _creator = new(server);
    private readonly ObjectUpdater _updater = new(server);

    public Task AfterWriteAsync(StoredObject written) => written.Key.Resource switch
    {
        NamespaceController.StorageKey => EnsureAccountAsync(written.Key.Name),
        ServiceAccounts.StorageKey when written.Key.Name == DefaultAccount => EnsureAccountAsync(written.Key.Namespace),
        ClusterRoles => AggregateAsync(),
        _ => Task.CompletedTask,
    };

    /// <summary>Makes up for what was written while nobody looked.</summary>
    public async Task SweepAsync()
    {
        foreach (var stored in server.Log.Snapshot(NamespaceController.StorageKey).Objects.ToList())
        {
            await EnsureAccountAsync(stored.Key.Name);
        }

        await AggregateAsync();
    }

    private async Task EnsureAccountAsync(string @namespace)
    {
        if (server.Log.Find(new ObjectKey(NamespaceController.StorageKey, "", @namespace)) is not { } owner || Metadata.IsTerminating(owner.Json)
            || server.Log.Find(new ObjectKey(ServiceAccounts.StorageKey, @namespace, DefaultAccount)) is not null)
        {
            return;
        }

        var resource = server.Registry.Table.Find("", "v1", "serviceaccounts")!;
        var write = new WriteContext
        {
            Target = new Target(resource, @namespace, null, null),
            Manager = "serviceaccount-controller",
            User = UserInfo.Server,
        };
        var account = new JsonObject { ["kind"] = "ServiceAccount", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = DefaultAccount } };
        try
        {
            await _creator.CreateAsync(write, account, applied: false, CancellationToken.None);
        }
        catch (ApiException)
        {
            // Made by somebody else, the namespace goes away, or a webhook refuses it: the next write, or start, tries again.
        }
    }

    private async Task AggregateAsync()
    {
        var roles = server.Log.Snapshot(ClusterRoles).Objects.ToList();
        foreach (var role in roles.Where(IsAggregated))
        {
            var rules = new JsonArray([.. Sources(role, roles).SelectMany(source => source.Json["rules"] as JsonArray ?? [])
                .Select(rule => rule!.DeepClone()).Distinct(new JsonComparer())]);
            if (!JsonNode.DeepEquals(rules, role.Json["rules"] as JsonArray ?? []))
            {
                await SetRulesAsync(role, rules);
            }
        }
    }

    private async Task SetRulesAsync(StoredObject role, JsonArray rules)
    {
        var resource = server.Registry.Table.Find("rbac.authorization.k8s.io", "v1", "clusterroles")!;
        var write = new WriteContext
        {
            Target = new Target(resource, null, role.Key.Name, null),
            Manager = "clusterrole-aggregation-controller",
            User = UserInfo.Server,
        };
        try
        {
            await _updater.UpdateAsync(
                write,
                old =>
                {
                    var wanted = (JsonObject)old.DeepClone();
                    wanted["rules"] = rules.DeepClone();
                    return new ObjectUpdater.Change(wanted, IsPatch: true);
                },
                CancellationToken.None);
        }
        catch (ApiException)
        {
            // Deleted meanwhile, or refused by a webhook.
        }
    }

    private static bool IsAggregated(StoredObject role) => role.Json["aggregationRule"]?["clusterRoleSelectors"] is JsonArray { Count: > 0 };

    /// <summary>
    /// The roles with rules of their own that a role is made of, directly or by way of other aggregated ones, in order of name. What an aggregated role
    /// holds is never a source itself, so roles that select each other settle.
    /// </summary>
    private static IEnumerable<StoredObject> Sources(StoredObject role, List<StoredObject> roles)
    {
        var found = new SortedDictionary<string, StoredObject>(StringComparer.Ordinal);
        var left = new Stack<StoredObject>([role]);
        var seen = new HashSet<string>(StringComparer.Ordinal) { role.Key.Name };
        while (left.TryPop(out var next))
        {
            foreach (var selected in roles.Where(candidate => Selects(next, candidate) && seen.Add(candidate.Key.Name)))
            {
                if (IsAggregated(selected))
                {
                    left.Push(selected);
                }
                else
                {
                    found[selected.Key.Name] = selected;
                }
            }
        }

        return found.Values;
    }

    private static bool Selects(StoredObject role, StoredObject candidate) =>
        ((JsonArray)role.Json["aggregationRule"]!["clusterRoleSelectors"]!).OfType<JsonObject>().Any(selector =>
        {
            try
            {
                return LabelSelector.FromJson(selector).Matches(candidate.Json);
            }
            catch (SelectorException)
            {
                return false;
            }
        });

    private sealed class JsonComparer : IEqualityComparer<JsonNode>
    {
        public bool Equals(JsonNode? x, JsonNode? y) => JsonNode.DeepEquals(x, y);

        public int GetHashCode(JsonNode node) => StringComparer.Ordinal.GetHashCode(node.ToJsonString());
    }
}
