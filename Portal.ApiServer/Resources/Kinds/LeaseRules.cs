using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Leases: a PUT needs the revision it was read at, and creates a missing one.</summary>
internal sealed class LeaseRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowCreateOnUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        if (long.TryParse(target["spec"]?["leaseDurationSeconds"]?.ToString(), out var seconds) && seconds <= 0)
        {
            yield return FieldError.Invalid("spec.leaseDurationSeconds", target["spec"]!["leaseDurationSeconds"], "must be greater than 0");
        }

        if (long.TryParse(target["spec"]?["leaseTransitions"]?.ToString(), out var transitions) && transitions < 0)
        {
            yield return FieldError.Invalid("spec.leaseTransitions", target["spec"]!["leaseTransitions"], "must be greater than or equal to 0");
        }
    }
}
