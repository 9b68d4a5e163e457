using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;

namespace Portal.ApiServer.Controllers;

/// <summary>Objects every cluster has. What is missing is made; roles of an older version get the rules they lack, unless they say not to.</summary>
internal static class BuiltInObjects
{
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
    private static readonly string[] s_namespaces = ["default", "kube-system"];

    public static async Task EnsureAsync(ServerContext server, CancellationToken cancellationToken)
    {
        var creator = new ObjectCreator(server);
        var namespaces = server.Registry.Table.Find("", "v1", "namespaces")!;
        foreach (var name in s_namespaces)
        {
            var target = new JsonObject { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = name } };
            await EnsureAsync(server, creator, namespaces, target, cancellationToken);
        }

        var roles = server.Registry.Table.Find(RbacGroup, "v1", "clusterroles")!;
        foreach (var role in BootstrapRoles.ClusterRoles())
        {
            if (!await EnsureAsync(server, creator, roles, role, cancellationToken))
            {
                await ExtendAsync(server, roles, role, cancellationToken);
            }
        }

        var bindings = server.Registry.Table.Find(RbacGroup, "v1", "clusterrolebindings")!;
        foreach (var binding in BootstrapRoles.ClusterRoleBindings())
        {
            await EnsureAsync(server, creator, bindings, binding, cancellationToken);
        }
    }

    /// <summary>Makes an object; false when it is there.</summary>
    private static async Task<bool> EnsureAsync(
        ServerContext server, ObjectCreator creator, ServedResource resource, JsonObject target, CancellationToken cancellationToken)
    {
        if (server.Log.Find(resource.Key(null, Metadata.Text(target, "name"))) is not null)
        {
            return false;
        }

        try
        {
            await creator.CreateAsync(Write(resource, null), target, applied: false, cancellationToken);
        }
        catch (ApiException)
        {
            // A webhook refuses or does not answer: the server starts all the same, and tries again at the next start.
        }

        return true;
    }

    private static async Task ExtendAsync(ServerContext server, ServedResource resource, JsonObject role, CancellationToken cancellationToken)
    {
        var name = Metadata.Text(role, "name");
        var stored = server.Log.Find(resource.Key(null, name))!;
        var present = PolicyRule.List(stored.Json["rules"]);
        var missing = PolicyRule.List(role["rules"]).Where(rule => rule.Parts().Any(part => !present.Any(known => known.Covers(part)))).ToList();
        if (missing.Count == 0 || stored.Json["metadata"]?["annotations"]?[AutoUpdate]?.ToString() != "true")
        {
            return;
        }

        try
        {
            await new ObjectUpdater(server).UpdateAsync(
                Write(resource, name),
                old =>
                {
                    var wanted = (JsonObject)old.DeepClone();
                    wanted["rules"] = new JsonArray([.. present.Concat(missing).Select(rule => (JsonNode)rule.ToJson())]);
                    return new ObjectUpdater.Change(wanted, IsPatch: true);
                },
                cancellationToken);
        }
        catch (ApiException)
        {
            // As for creation.
        }
    }

    private static WriteContext Write(ServedResource resource, string? name) =>
        new() { Target = new Target(resource, null, name, null), Manager = "kube-apiserver", User = UserInfo.Server };
}
