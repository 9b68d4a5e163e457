using Portal.ApiServer.Admission;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Auth;

/// <summary>
/// Nobody gives away rights they do not have: a role may hold only rules its writer has, and a binding may point only to a role whose rules its writer
/// has. The verbs <c>escalate</c> on the role and <c>bind</c> on the role pointed to lift that.
/// </summary>
internal sealed class EscalationCheck : IAdmission
{
    private const string Group = "rbac.authorization.k8s.io";

    public Task<bool> MutateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task ValidateAsync(AdmissionRequest request, ServerContext server, CancellationToken cancellationToken)
    {
        var definition = request.Write.Resource.Definition;
        if (definition.Group == Group && request.Object is not null && !request.Write.User.Groups.Contains(UserInfo.Masters))
        {
            if (definition.Kind is "Role" or "ClusterRole")
            {
                CheckRole(request, server.Authorizer);
            }
            else
            {
                CheckBinding(request, server);
            }
        }

        return Task.CompletedTask;
    }

    private static void CheckRole(AdmissionRequest request, Authorizer authorizer)
    {
        var (role, old, write) = (request.Object!, request.Old, request.Write);
        if (old is not null && JsonNode.DeepEquals(role["rules"], old["rules"]) && JsonNode.DeepEquals(role["aggregationRule"], old["aggregationRule"]))
        {
            return;
        }

        var @namespace = write.Target.Namespace ?? "";
        if (authorizer.Decide(write.User, Attributes("escalate", write.Resource.Definition.Plural, @namespace, write.Target.Name ?? "")).Allowed)
        {
            return;
        }

        Confirm(request, authorizer, PolicyRule.List(role["rules"]));

        // What an aggregated role will hold is not known yet: it may become anything.
        if ((role["aggregationRule"] ?? old?["aggregationRule"]) is not null && Missing(authorizer.RulesFor(write.User, ""), PolicyRule.Everything).Count > 0)
        {
            throw ApiException.Forbidden(write.Resource, request.Name, "must have cluster-admin privileges to use the aggregationRule");
        }
    }

    private static void CheckBinding(AdmissionRequest request, ServerContext server)
    {
        var (binding, old, write) = (request.Object!, request.Old, request.Write);
        if (old is not null && JsonNode.DeepEquals(binding["roleRef"], old["roleRef"]) && JsonNode.DeepEquals(binding["subjects"], old["subjects"]))
        {
            return;
        }

        var (kind, name) = (binding["roleRef"]?["kind"]?.ToString() ?? "", binding["roleRef"]?["name"]?.ToString() ?? "");
        var @namespace = write.Target.Namespace ?? "";
        var plural = kind == "Role" ? "roles" : "clusterroles";
        if (server.Authorizer.Decide(write.User, Attributes("bind", plural, @namespace, name)).Allowed)
        {
            return;
        }

        var rules = server.Authorizer.Roles.Resolve(kind, name, @namespace)
            ?? throw ApiException.NotFound(server.Registry.Table.Find(Group, "v1", plural)!, name);
        Confirm(request, server.Authorizer, rules);
    }

    private static void Confirm(AdmissionRequest request, Authorizer authorizer, IReadOnlyList<PolicyRule> rules)
    {
        var user = request.Write.User;
        var missing = Missing(authorizer.RulesFor(user, request.Write.Target.Namespace ?? ""), rules);
        if (missing.Count > 0)
        {
            throw ApiException.Forbidden(
                request.Write.Resource,
                request.Name,
                $"user \"{user.Name}\" (groups={PolicyRule.Quoted(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', missing)}");
        }
    }

    /// <summary>What of the rules somebody lacks, in the words of messages: the verbs on one resource in one line.</summary>
    private static List<string> Missing(IReadOnlyList<PolicyRule> held, IReadOnlyList<PolicyRule> rules) =>
    [
        .. rules.SelectMany(rule => rule.Parts())
            .Where(part => !held.Any(rule => rule.Covers(part)))
            .GroupBy(part => (part with { Verbs = [] }).ToString(), StringComparer.Ordinal)
            .Select(group => (group.First() with { Verbs = [.. group.SelectMany(part => part.Verbs).Distinct()] }).ToString())
            .Order(StringComparer.Ordinal),
    ];

    private static RequestAttributes Attributes(string verb, string resource, string @namespace, string name) => new()
    {
        IsResource = true,
        Verb = verb,
        Group = Group,
        Version = "v1",
        Resource = resource,
        Namespace = @namespace,
        Name = name,
    };
}
