using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Webhook configurations: what a call would need.</summary>
internal sealed class WebhookConfigurationRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var index = -1;
        foreach (var webhook in (target["webhooks"] as JsonArray ?? []).OfType<JsonObject>())
        {
            index++;
            if (webhook["sideEffects"]?.ToString() is not ("None" or "NoneOnDryRun"))
            {
                yield return FieldError.NotSupported($"webhooks[{index}].sideEffects", webhook["sideEffects"], ["\"None\"", "\"NoneOnDryRun\""]);
            }

            if (webhook["matchConditions"] is JsonArray { Count: > 0 })
            {
                yield return FieldError.Forbidden($"webhooks[{index}].matchConditions", "this server evaluates no CEL expressions; use objectSelector or rules");
            }

            if (webhook["clientConfig"] is not JsonObject client || (client["url"] is null) == (client["service"] is null))
            {
                yield return FieldError.Required($"webhooks[{index}].clientConfig", "exactly one of url or service is required");
            }
        }
    }
}
