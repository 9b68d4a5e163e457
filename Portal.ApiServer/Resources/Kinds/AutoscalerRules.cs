using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>HorizontalPodAutoscalers: bounds, and metrics that are whole. No controller scales by them.</summary>
internal sealed class AutoscalerRules : ResourceRules
{
    private static readonly (string Type, string Field)[] s_sources =
    [
        ("ContainerResource", "containerResource"), ("External", "external"), ("Object", "object"), ("Pods", "pods"), ("Resource", "resource"),
    ];

    private static readonly string[] s_targets = ["AverageValue", "Utilization", "Value"];

    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (target["spec"] is not JsonObject spec)
        {
            return;
        }

        if (spec["metrics"] is not JsonArray { Count: > 0 })
        {
            var utilization = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = 80 };
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = utilization },
            });
        }

        if (spec["behavior"] is JsonObject behavior)
        {
            Fill(behavior, "scaleUp", 0, Policy("Pods", 4), Policy("Percent", 100));
            Fill(behavior, "scaleDown", null, Policy("Percent", 100));
        }
    }

    private static void Fill(JsonObject behavior, string direction, int? window, params JsonNode[] policies)
    {
        if (behavior[direction] is not JsonObject rules)
        {
            behavior[direction] = rules = [];
        }

        if (window is { } seconds)
        {
            rules["stabilizationWindowSeconds"] ??= seconds;
        }

        rules["selectPolicy"] ??= "Max";
        if (rules["policies"] is not JsonArray { Count: > 0 })
        {
            rules["policies"] = new JsonArray(policies);
        }
    }

    private static JsonObject Policy(string type, int value) => new() { ["type"] = type, ["value"] = value, ["periodSeconds"] = 15 };

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        foreach (var field in (string[])["kind", "name"])
        {
            if (string.IsNullOrEmpty(spec["scaleTargetRef"]?[field]?.ToString()))
            {
                yield return FieldError.Required($"spec.scaleTargetRef.{field}");
            }
        }

        JsonNumbers.TryInteger(spec["minReplicas"], out var least);
        JsonNumbers.TryInteger(spec["maxReplicas"], out var most);
        if (least < 1)
        {
            yield return FieldError.Invalid("spec.minReplicas", spec["minReplicas"], "must be greater than or equal to 1");
        }

        if (most < 1)
        {
            yield return FieldError.Invalid("spec.maxReplicas", spec["maxReplicas"], "must be greater than 0");
        }
        else if (most < least)
        {
            yield return FieldError.Invalid("spec.maxReplicas", spec["maxReplicas"], "must be greater than or equal to `minReplicas`");
        }

        var metrics = (spec["metrics"] as JsonArray ?? []).OfType<JsonObject>();
        foreach (var problem in metrics.SelectMany((metric, index) => Metric(metric, $"spec.metrics[{index}]")))
        {
            yield return problem;
        }
    }

    private static IEnumerable<FieldError> Metric(JsonObject metric, string path)
    {
        var type = metric["type"]?.ToString() ?? "";
        var wanted = s_sources.FirstOrDefault(source => source.Type == type).Field;
        if (wanted is null)
        {
            yield return FieldError.NotSupported($"{path}.type", type, s_sources.Select(source => $"\"{source.Type}\""));
            yield break;
        }

        if (metric[wanted] is not JsonObject source)
        {
            yield return FieldError.Required($"{path}.{wanted}", "must populate information for the given metric source");
            yield break;
        }

        foreach (var other in s_sources.Where(other => other.Field != wanted && metric[other.Field] is not null))
        {
            yield return FieldError.Forbidden($"{path}.{other.Field}", "must populate the given metric source only");
        }

        if (!s_targets.Contains(source["target"]?["type"]?.ToString()))
        {
            yield return FieldError.Invalid($"{path}.{wanted}.target.type", source["target"]?["type"], "must be either Utilization, Value, or AverageValue");
        }
    }
}
