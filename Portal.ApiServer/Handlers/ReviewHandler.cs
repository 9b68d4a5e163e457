using Portal.ApiServer.Auth;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>Questions about identity and access, answered by what decides requests, without storing anything.</summary>
internal sealed class ReviewHandler(Authorizer authorizer, Authenticator authenticator)
{
    private const string Group = "authorization.k8s.io";

    public async Task HandleAsync(ApiCall call)
    {
        var resource = call.Target.Resource;
        if (resource.Namespaced && call.Target.Namespace is null)
        {
            throw ApiException.UnknownPath();
        }

        if (call.Http.Request.Method != "POST" || call.Target.Name is not null)
        {
            throw ApiException.MethodNotAllowed();
        }

        var write = call.ToWrite();
        var review = ObjectDecoder.Decode(await ResourceHandler.ReadObjectAsync(call), write);
        var metadata = Metadata.Of(review);
        if (resource.Namespaced)
        {
            metadata["namespace"] = call.Target.Namespace;
        }

        review["status"] = Answer(call, resource, review["spec"] as JsonObject ?? []);
        Handlers.Answer.Warn(call.Http, write.Warnings);
        await Handlers.Answer.JsonAsync(call.Http, 201, review);
    }

    private JsonObject Answer(ApiCall call, ServedResource resource, JsonObject spec)
    {
        switch (resource.Definition.Kind)
        {
            case "SelfSubjectAccessReview":
                CheckAttributes(spec, []);
                return Access(call.User, spec);
            case "SubjectAccessReview":
                CheckAttributes(spec, SubjectProblems(spec));
                return Access(Subject(spec), spec);
            case "LocalSubjectAccessReview":
                CheckAttributes(spec, SubjectProblems(spec).Concat(NamespaceProblems(spec, call.Target.Namespace!)));
                return Access(Subject(spec), spec);
            case "SelfSubjectRulesReview":
                return Rules(call.User, Text(spec, "namespace"));
            case "TokenReview":
                return Token(spec);
            default:
                return new JsonObject { ["userInfo"] = call.User.ToJson() };
        }
    }

    private JsonObject Access(UserInfo user, JsonObject spec)
    {
        var (allowed, reason) = authorizer.Decide(user, Attributes(spec));
        var status = new JsonObject { ["allowed"] = allowed };
        if (reason.Length > 0)
        {
            status["reason"] = reason;
        }

        return status;
    }

    private JsonObject Rules(UserInfo user, string @namespace)
    {
        if (@namespace.Length == 0)
        {
            throw ApiException.BadRequest("no namespace on request");
        }

        var rules = authorizer.RulesFor(user, @namespace);
        return new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(rule => rule.Resources.Length > 0).Select(rule => (JsonNode)rule.ToJson())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => rule.Paths.Length > 0).Select(rule => (JsonNode)rule.ToJson())]),
            ["incomplete"] = false,
        };
    }

    private JsonObject Token(JsonObject spec)
    {
        var token = Text(spec, "token");
        if (token.Length == 0)
        {
            throw ApiException.BadRequest("token is required for TokenReview in authentication");
        }

        // The answer repeats the question; the token stays with who has it already.
        return authenticator.Check(token, Texts(spec, "audiences")) is { } found
            ? new JsonObject
            {
                ["authenticated"] = true,
                ["user"] = found.User.ToJson(),
                ["audiences"] = new JsonArray([.. found.Audiences.Select(audience => (JsonNode)audience)]),
            }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
    }

    private static RequestAttributes Attributes(JsonObject spec)
    {
        if (spec["resourceAttributes"] is not JsonObject resource)
        {
            var path = (JsonObject)spec["nonResourceAttributes"]!;
            return new RequestAttributes { Verb = Text(path, "verb"), Path = Text(path, "path") };
        }

        return new RequestAttributes
        {
            IsResource = true,
            Verb = Text(resource, "verb"),
            Group = Text(resource, "group"),
            Version = Text(resource, "version"),
            Resource = Text(resource, "resource"),
            Subresource = Text(resource, "subresource"),
            Namespace = Text(resource, "namespace"),
            Name = Text(resource, "name"),
        };
    }

    private static UserInfo Subject(JsonObject spec) => new(Text(spec, "user"), Texts(spec, "groups")) { Uid = Text(spec, "uid") };

    private static void CheckAttributes(JsonObject spec, IEnumerable<FieldError> more)
    {
        var errors = more.ToList();
        if ((spec["resourceAttributes"] is null) == (spec["nonResourceAttributes"] is null))
        {
            errors.Insert(0, FieldError.Invalid(
                "spec.resourceAttributes", spec["resourceAttributes"], "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(Group, "", "", errors);
        }
    }

    private static IEnumerable<FieldError> SubjectProblems(JsonObject spec)
    {
        if (Text(spec, "user").Length == 0 && Texts(spec, "groups").Count == 0)
        {
            yield return FieldError.Invalid("spec.user", "", "at least one of user or group must be specified");
        }
    }

    private static IEnumerable<FieldError> NamespaceProblems(JsonObject spec, string @namespace)
    {
        if (spec["nonResourceAttributes"] is { } path)
        {
            yield return FieldError.Invalid("spec.nonResourceAttributes", path, "disallowed on this kind of request");
        }

        if (spec["resourceAttributes"] is JsonObject resource && Text(resource, "namespace") != @namespace)
        {
            yield return FieldError.Invalid("spec.resourceAttributes.namespace", Text(resource, "namespace"), $"must match metadata.namespace: {@namespace}");
        }
    }

    private static string Text(JsonObject from, string field) => from[field]?.ToString() ?? "";

    private static List<string> Texts(JsonObject from, string field) => [.. (from[field] as JsonArray ?? []).Select(item => item?.ToString() ?? "")];
}
