using System.Text.RegularExpressions;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Leases: a PUT needs the revision it was read at, and creates a missing one.</summary>
internal sealed partial class LeaseRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowCreateOnUpdate => true;

    public override string? DecodeProblem(JsonObject target)
    {
        foreach (var field in (string[])["acquireTime", "renewTime"])
        {
            if ((target["spec"] as JsonObject)?[field] is JsonValue value && value.TryGetValue(out string? time) && !MicroTime().IsMatch(time))
            {
                return $"parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"{WholeSeconds().Replace(time, "")}\" as \".000000\"";
            }
        }

        return null;
    }

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

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[-+]\d\d:\d\d)\z", RegexOptions.CultureInvariant)]
    private static partial Regex MicroTime();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", RegexOptions.CultureInvariant)]
    private static partial Regex WholeSeconds();
}
