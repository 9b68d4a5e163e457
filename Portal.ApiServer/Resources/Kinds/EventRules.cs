using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Events: an event lives in the namespace of what it is about.</summary>
internal sealed class EventRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool AllowCreateOnUpdate => true;

    public override void Complete(JsonObject target, JsonObject? old)
    {
        // These are always present on the wire.
        target.TryAdd("eventTime", null);
        target["reportingComponent"] ??= "";
        target["reportingInstance"] ??= "";
    }

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var @namespace = target["metadata"]?["namespace"]?.ToString() ?? "";
        var involved = target["involvedObject"]?["namespace"]?.ToString() ?? "";
        var matches = involved.Length == 0 ? @namespace is "default" or "kube-system" : involved == @namespace;
        if (!matches)
        {
            yield return FieldError.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
        }
    }
}
