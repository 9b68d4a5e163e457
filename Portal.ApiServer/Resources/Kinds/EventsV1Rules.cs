using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Events of <c>events.k8s.io/v1</c>: they must say when, by whom and about what, and only their series changes.</summary>
internal sealed class EventsV1Rules : ResourceRules
{
    private const int MaxNote = 1024;
    private const int MaxName = 128;

    private static readonly string[] s_immutable = ["regarding", "reason", "note", "type", "eventTime", "action", "related", "reportingController", "reportingInstance"];
    private static readonly string[] s_required = ["reason", "action", "reportingController", "reportingInstance"];
    private static readonly string[] s_unset = ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"];

    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool AllowCreateOnUpdate => true;

    public override void Complete(JsonObject target, JsonObject? old) => target.TryAdd("eventTime", null);

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old) => old is null ? New(target) : Changed(target, old);

    private static IEnumerable<FieldError> New(JsonObject target)
    {
        if (EventRules.NamespaceProblem(target, "regarding") is { } problem)
        {
            yield return problem;
        }

        if (target["eventTime"] is null)
        {
            yield return FieldError.Required("eventTime");
        }

        if (target["type"]?.ToString() is not ("Normal" or "Warning") and var type)
        {
            yield return FieldError.Invalid("type", type ?? "", $"has invalid value: {type}");
        }

        foreach (var name in s_required)
        {
            if (Text(target, name, MaxName, required: true) is { } wrong)
            {
                yield return wrong;
            }
        }

        if (Text(target, "note", MaxNote, required: false) is { } tooLong)
        {
            yield return tooLong;
        }

        foreach (var name in s_unset.Where(name => target[name] is not null and var value && value.ToJsonString() != "0"))
        {
            yield return FieldError.Invalid(name, target[name], "needs to be unset");
        }
    }

    private static IEnumerable<FieldError> Changed(JsonObject target, JsonObject old) => s_immutable
        .Where(name => !JsonNode.DeepEquals(target[name], old[name]))
        .Select(name => FieldError.Invalid(name, target[name], "field is immutable"));

    private static FieldError? Text(JsonObject target, string name, int limit, bool required) => (target[name]?.ToString() ?? "") switch
    {
        "" => required ? FieldError.Required(name) : null,
        var text when text.Length > limit => FieldError.Invalid(name, text, $"can have at most {limit} characters"),
        _ => null,
    };
}
