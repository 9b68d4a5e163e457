using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>Access and identity reviews: questions answered without storing anything. Whoever gets in may do everything.</summary>
internal static class ReviewHandler
{
    public static async Task HandleAsync(ApiCall call)
    {
        if (call.Http.Request.Method != "POST")
        {
            throw ApiException.MethodNotAllowed();
        }

        var write = call.ToWrite();
        var review = ObjectDecoder.Decode(await ResourceHandler.ReadObjectAsync(call), write);
        Metadata.Of(review);
        var spec = review["spec"] as JsonObject ?? [];
        review["status"] = call.Target.Resource.Definition.Kind switch
        {
            "SelfSubjectAccessReview" => Access(spec),
            "SelfSubjectRulesReview" => Rules(),
            _ => new JsonObject { ["userInfo"] = call.User.ToJson() },
        };
        await Answer.JsonAsync(call.Http, 201, review);
    }

    private static JsonObject Access(JsonObject spec)
    {
        if ((spec["resourceAttributes"] is null) == (spec["nonResourceAttributes"] is null))
        {
            throw ApiException.Invalid("authorization.k8s.io", "", "", [FieldError.Invalid(
                "spec.resourceAttributes", spec["resourceAttributes"], "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
        }

        return new JsonObject { ["allowed"] = true };
    }

    private static JsonObject Rules() => new()
    {
        ["resourceRules"] = new JsonArray(new JsonObject
        {
            ["verbs"] = new JsonArray("*"),
            ["apiGroups"] = new JsonArray("*"),
            ["resources"] = new JsonArray("*"),
        }),
        ["nonResourceRules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("*"), ["nonResourceURLs"] = new JsonArray("*") }),
        ["incomplete"] = false,
    };
}
