using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Pods: written by whoever plays kubelet. They are deleted at once, there is no grace period to wait for.</summary>
internal sealed class PodRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;
    public override bool DeleteReturnsObject => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        if (old is null)
        {
            target["status"] ??= new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
        }
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old) =>
        Containers.Problems(target["spec"] as JsonObject, "spec");
}
