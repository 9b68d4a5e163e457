using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>Roles and bindings: stored for clients that write them; nothing is enforced.</summary>
internal sealed class RbacRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;
    public override bool PathSegmentNames => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        if (old is not null && target["roleRef"] is { } role && !JsonNode.DeepEquals(role, old["roleRef"]))
        {
            yield return FieldError.Invalid("roleRef", role, "cannot change roleRef");
        }
    }
}
