using System.Net;

namespace Portal.Tests.ApiServer.Auth;

/// <summary>Roles and bindings for tests.</summary>
internal static class Rbac
{
    private const string Base = "/apis/rbac.authorization.k8s.io/v1";

    public const string ClusterRoles = $"{Base}/clusterroles";
    public const string ClusterRoleBindings = $"{Base}/clusterrolebindings";

    public static string Roles(string @namespace) => $"{Base}/namespaces/{@namespace}/roles";

    public static string RoleBindings(string @namespace) => $"{Base}/namespaces/{@namespace}/rolebindings";

    /// <param name="kind">Role or ClusterRole.</param>
    /// <param name="rules">A JSON array.</param>
    public static JsonObject Role(string kind, string name, string rules) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["rules"] = JsonNode.Parse(rules),
    };

    /// <param name="kind">RoleBinding or ClusterRoleBinding.</param>
    /// <param name="role">Such as <c>ClusterRole/view</c>.</param>
    /// <param name="subjects">Such as <c>User/ann</c>, <c>Group/devs</c> or <c>ServiceAccount/default/bot</c>.</param>
    public static JsonObject Binding(string kind, string name, string role, params string[] subjects) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = role.Split('/')[0], ["name"] = role.Split('/')[1] },
        ["subjects"] = new JsonArray([.. subjects.Select(subject => (JsonNode)(subject.Split('/') switch
        {
            ["ServiceAccount", var @namespace, var account] => new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = @namespace, ["name"] = account },
            [var subjectKind, var subjectName] => new JsonObject { ["kind"] = subjectKind, ["apiGroup"] = "rbac.authorization.k8s.io", ["name"] = subjectName },
            _ => throw new ArgumentException(subject),
        }))]),
    };

    /// <summary>Gives somebody cluster-wide rights.</summary>
    public static async Task GrantAsync(TestApi api, string subject, string rules)
    {
        var name = $"granted-{Guid.NewGuid():N}";
        await api.SendAsync("POST", ClusterRoles, Role("ClusterRole", name, rules), HttpStatusCode.Created);
        await api.SendAsync("POST", ClusterRoleBindings, Binding("ClusterRoleBinding", name, $"ClusterRole/{name}", subject), HttpStatusCode.Created);
    }

    /// <summary>Gives somebody rights in a namespace.</summary>
    public static async Task GrantInAsync(TestApi api, string @namespace, string subject, string rules)
    {
        var name = $"granted-{Guid.NewGuid():N}";
        await api.SendAsync("POST", Roles(@namespace), Role("Role", name, rules), HttpStatusCode.Created);
        await api.SendAsync("POST", RoleBindings(@namespace), Binding("RoleBinding", name, $"Role/{name}", subject), HttpStatusCode.Created);
    }
}
