using System.Globalization;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>PodDisruptionBudgets: one of the two limits, as a number or a percentage. No controller fills in the status.</summary>
internal sealed class DisruptionBudgetRules : ResourceRules
{
    private static readonly string[] s_evictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];

    public override bool HasGeneration => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            yield return FieldError.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var field in (string[])["minAvailable", "maxUnavailable"])
        {
            if (spec[field] is { } limit && LimitProblem(limit) is { } problem)
            {
                yield return FieldError.Invalid($"spec.{field}", limit, problem);
            }
        }

        if (spec["unhealthyPodEvictionPolicy"] is { } policy && !s_evictionPolicies.Contains(policy.ToString()))
        {
            yield return FieldError.NotSupported("spec.unhealthyPodEvictionPolicy", policy, s_evictionPolicies.Select(known => $"\"{known}\""));
        }
    }

    private static string? LimitProblem(JsonNode limit)
    {
        if (limit.GetValueKind() == JsonValueKind.Number)
        {
            return JsonNumbers.TryInteger(limit, out var number) && number < 0 ? "must be greater than or equal to 0" : null;
        }

        var text = limit.ToString();
        return !text.EndsWith('%') || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
            : percent > 100 ? "must not be greater than 100%" : null;
    }
}
