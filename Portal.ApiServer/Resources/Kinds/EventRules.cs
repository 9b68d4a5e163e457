using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Events: an event lives in the namespace of what it is about.</summary>
internal sealed class EventRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool AllowCreateOnUpdate => true;

    public override void Complete(JsonObject target, JsonObject? old) => FillAlwaysPresent(target);

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old) =>
        NamespaceProblem(target, "involvedObject") is { } problem ? [problem] : [];

    /// <summary>These are on the wire even when they are empty.</summary>
    public static void FillAlwaysPresent(JsonObject target)
    {
        target.TryAdd("eventTime", null);
        target["reportingComponent"] ??= "";
        target["reportingInstance"] ??= "";
    }

    /// <summary>What is wrong with the namespace of the object that the event is about; null when it is the event's.</summary>
    public static FieldError? NamespaceProblem(JsonObject target, string reference)
    {
        var @namespace = target["metadata"]?["namespace"]?.ToString() ?? "";
        var involved = target[reference]?["namespace"]?.ToString() ?? "";
        var matches = involved.Length == 0 ? @namespace is "default" or "kube-system" : involved == @namespace;
        return matches ? null : FieldError.Invalid("involvedObject.namespace", involved, "does not match event.namespace");
    }
}
