using Portal.ApiServer.Admission;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;
using Portal.Kubernetes.Selectors;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Webhook configurations: what a call would need.</summary>
internal sealed class WebhookConfigurationRules : ResourceRules
{
    private static readonly (string Field, string[] Allowed)[] s_choices =
    [
        ("failurePolicy", ["Fail", "Ignore"]), ("matchPolicy", ["Equivalent", "Exact"]), ("reinvocationPolicy", ["IfNeeded", "Never"]),
    ];

    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old) =>
        (target["webhooks"] as JsonArray ?? []).OfType<JsonObject>().SelectMany((webhook, index) => Webhook(webhook, $"webhooks[{index}]"));

    private static IEnumerable<FieldError> Webhook(JsonObject webhook, string path)
    {
        var name = webhook["name"]?.ToString() ?? "";
        if (name.Split('.').Length < 3)
        {
            yield return FieldError.Invalid($"{path}.name", name, "should be a domain with at least three segments separated by dots");
        }

        if (webhook["sideEffects"]?.ToString() is not ("None" or "NoneOnDryRun"))
        {
            yield return FieldError.NotSupported($"{path}.sideEffects", webhook["sideEffects"], ["\"None\"", "\"NoneOnDryRun\""]);
        }

        foreach (var (field, allowed) in s_choices)
        {
            if (webhook[field] is { } choice && !allowed.Contains(choice.ToString()))
            {
                yield return FieldError.NotSupported($"{path}.{field}", choice, allowed.Select(value => $"\"{value}\""));
            }
        }

        if (!(webhook["admissionReviewVersions"] as JsonArray ?? []).Any(version => version?.ToString() == "v1"))
        {
            yield return FieldError.Invalid($"{path}.admissionReviewVersions", webhook["admissionReviewVersions"], "must include v1");
        }

        foreach (var problem in Client(webhook["clientConfig"] as JsonObject, $"{path}.clientConfig")
            .Concat(Rules(webhook, path)).Concat(Selectors(webhook, path)).Concat(Conditions(webhook, path)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<FieldError> Client(JsonObject? client, string path)
    {
        if (client is null || (client["url"] is null) == (client["service"] is null))
        {
            yield return FieldError.Required(path, "exactly one of url or service is required");
        }
        else if (client["url"] is { } url && !(Uri.TryCreate(url.ToString(), UriKind.Absolute, out var address) && address is { Scheme: "https", UserInfo: "", Fragment: "", Query: "" }))
        {
            yield return FieldError.Invalid($"{path}.url", url, "must be an https address without user, query and fragment");
        }
    }

    private static IEnumerable<FieldError> Rules(JsonObject webhook, string path)
    {
        var index = -1;
        foreach (var rule in (webhook["rules"] as JsonArray ?? []).OfType<JsonObject>())
        {
            index++;
            foreach (var field in s_ruleFields)
            {
                if (rule[field] is not JsonArray { Count: > 0 })
                {
                    yield return FieldError.Required($"{path}.rules[{index}].{field}");
                }
            }

            foreach (var operation in (rule["operations"] as JsonArray ?? []).Where(operation => operation?.ToString() is not ("*" or "CREATE" or "UPDATE" or "DELETE" or "CONNECT")))
            {
                yield return FieldError.NotSupported(
                    $"{path}.rules[{index}].operations", operation, ["\"*\"", "\"CONNECT\"", "\"CREATE\"", "\"DELETE\"", "\"UPDATE\""]);
            }

            if (rule["scope"]?.ToString() is not (null or "*" or "Cluster" or "Namespaced"))
            {
                yield return FieldError.NotSupported($"{path}.rules[{index}].scope", rule["scope"], ["\"*\"", "\"Cluster\"", "\"Namespaced\""]);
            }
        }
    }

    private static readonly string[] s_ruleFields = ["operations", "apiGroups", "apiVersions", "resources"];

    private static IEnumerable<FieldError> Selectors(JsonObject webhook, string path)
    {
        foreach (var field in s_selectors)
        {
            if (webhook[field] is JsonObject selector && SelectorProblem(selector) is { } problem)
            {
                yield return FieldError.Invalid($"{path}.{field}", selector, problem);
            }
        }
    }

    private static readonly string[] s_selectors = ["namespaceSelector", "objectSelector"];

    private static string? SelectorProblem(JsonObject selector)
    {
        try
        {
            LabelSelector.FromJson(selector);
            return null;
        }
        catch (SelectorException problem)
        {
            return problem.Message;
        }
    }

    private static IEnumerable<FieldError> Conditions(JsonObject webhook, string path)
    {
        var conditions = MatchConditions.Sources(webhook).ToList();
        if (conditions.Count > MatchConditions.Most)
        {
            yield return FieldError.TooMany($"{path}.matchConditions", conditions.Count, MatchConditions.Most);
        }

        for (var index = 0; index < Math.Min(conditions.Count, MatchConditions.Most); index++)
        {
            var expression = conditions[index]["expression"]?.ToString() ?? "";
            if (expression.Trim().Length == 0)
            {
                yield return FieldError.Required($"{path}.matchConditions[{index}].expression");
            }
            else if (ExpressionProblem(expression) is { } problem)
            {
                yield return FieldError.Invalid($"{path}.matchConditions[{index}].expression", expression, $"compilation failed: {problem}");
            }
        }
    }

    private static string? ExpressionProblem(string expression)
    {
        try
        {
            MatchConditions.Compile(expression);
            return null;
        }
        catch (CelCompileException problem)
        {
            return problem.Message;
        }
    }
}
