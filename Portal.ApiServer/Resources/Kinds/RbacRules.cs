using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Roles and bindings: rules say whole things, a binding keeps its role, subjects are users, groups or service accounts.</summary>
internal sealed class RbacRules : ResourceRules
{
    private const string Group = "rbac.authorization.k8s.io";
    private static readonly string[] s_groups = [$"\"{Group}\""];
    private static readonly string[] s_noGroup = ["\"\""];
    private static readonly string[] s_subjects = ["\"ServiceAccount\"", "\"User\"", "\"Group\""];

    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool PathSegmentNames => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (target["roleRef"] is JsonObject role && Text(role, "apiGroup").Length == 0)
        {
            role["apiGroup"] = Group;
        }

        foreach (var subject in Objects(target["subjects"]).Where(subject => Text(subject, "kind") is "User" or "Group" && Text(subject, "apiGroup").Length == 0))
        {
            subject["apiGroup"] = Group;
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var errors = Objects(target["rules"]).SelectMany((rule, i) => Rule($"rules[{i}]", rule, Text(target, "kind") == "Role"));
        return Text(target, "kind") is "RoleBinding" or "ClusterRoleBinding" ? errors.Concat(Binding(target, old)) : errors;
    }

    private static IEnumerable<FieldError> Rule(string field, JsonObject rule, bool namespaced)
    {
        if (!Any(rule, "verbs"))
        {
            yield return FieldError.Required($"{field}.verbs", "verbs must contain at least one value");
        }

        if (Any(rule, "nonResourceURLs"))
        {
            if (namespaced)
            {
                yield return FieldError.Invalid($"{field}.nonResourceURLs", rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
            }

            if (Any(rule, "apiGroups") || Any(rule, "resources") || Any(rule, "resourceNames"))
            {
                yield return FieldError.Invalid(
                    $"{field}.nonResourceURLs", rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
            }

            yield break;
        }

        if (!Any(rule, "apiGroups"))
        {
            yield return FieldError.Required($"{field}.apiGroups", "resource rules must supply at least one api group");
        }

        if (!Any(rule, "resources"))
        {
            yield return FieldError.Required($"{field}.resources", "resource rules must supply at least one resource");
        }
    }

    private static IEnumerable<FieldError> Binding(JsonObject target, JsonObject? old)
    {
        var namespaced = Text(target, "kind") == "RoleBinding";
        var role = target["roleRef"] as JsonObject ?? [];
        if (Text(role, "apiGroup") != Group)
        {
            yield return FieldError.NotSupported("roleRef.apiGroup", Text(role, "apiGroup"), s_groups);
        }

        if (Text(role, "kind") != "ClusterRole" && !(namespaced && Text(role, "kind") == "Role"))
        {
            yield return FieldError.NotSupported("roleRef.kind", Text(role, "kind"), namespaced ? ["\"Role\"", "\"ClusterRole\""] : ["\"ClusterRole\""]);
        }

        if (Text(role, "name").Length == 0)
        {
            yield return FieldError.Required("roleRef.name");
        }

        var subjects = Objects(target["subjects"]).SelectMany((subject, i) => Subject($"subjects[{i}]", subject));
        foreach (var error in subjects)
        {
            yield return error;
        }

        if (old is not null && !JsonNode.DeepEquals(role, old["roleRef"]))
        {
            yield return FieldError.Invalid("roleRef", role, "cannot change roleRef");
        }
    }

    private static IEnumerable<FieldError> Subject(string field, JsonObject subject)
    {
        if (Text(subject, "name").Length == 0)
        {
            yield return FieldError.Required($"{field}.name");
        }

        var group = Text(subject, "apiGroup");
        switch (Text(subject, "kind"))
        {
            case "ServiceAccount":
                if (group.Length > 0)
                {
                    yield return FieldError.NotSupported($"{field}.apiGroup", group, s_noGroup);
                }

                if (Text(subject, "namespace").Length == 0)
                {
                    yield return FieldError.Required($"{field}.namespace");
                }

                break;
            case "User" or "Group":
                if (group != Group)
                {
                    yield return FieldError.NotSupported($"{field}.apiGroup", group, s_groups);
                }

                break;
            case var other:
                yield return FieldError.NotSupported($"{field}.kind", other, s_subjects);
                break;
        }
    }

    private static bool Any(JsonObject rule, string list) => rule[list] is JsonArray { Count: > 0 };

    private static string Text(JsonObject from, string field) => from[field]?.ToString() ?? "";

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
