using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>PersistentVolumeClaims: they ask for a size and wait; nothing gives them a volume.</summary>
internal sealed class VolumeClaimRules : ResourceRules
{
    private static readonly string[] s_modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool DeleteReturnsObject => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (old is null)
        {
            target["status"] ??= new JsonObject { ["phase"] = "Pending" };
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var spec = target["spec"] as JsonObject ?? [];
        var modes = spec["accessModes"] as JsonArray ?? [];
        if (modes.Count == 0)
        {
            yield return FieldError.Required("spec.accessModes", "at least 1 access mode is required");
        }

        foreach (var mode in modes.Where(mode => !s_modes.Contains(mode?.ToString())))
        {
            yield return FieldError.NotSupported("spec.accessModes", mode, s_modes.Select(known => $"\"{known}\""));
        }

        if (spec["resources"]?["requests"]?["storage"] is null)
        {
            yield return FieldError.Required("spec.resources[storage]");
        }
    }
}
