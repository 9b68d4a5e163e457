using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>A refusal that becomes a <c>metav1.Status</c> body. The factories hold the wording and shape clients rely on.</summary>
internal sealed class ApiException(int code, string? reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code { get; } = code;

    /// <summary>The machine-readable reason of the Status; null when it has none.</summary>
    public string? Reason { get; } = reason;

    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
        };
        if (Reason is not null)
        {
            status["reason"] = Reason;
        }

        if (details is not null)
        {
            status["details"] = details.DeepClone();
        }

        status["code"] = Code;
        return status;
    }

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException Forbidden(ServedResource resource, string name, string why) =>
        new(403, "Forbidden", $"{resource.QualifiedPlural} \"{name}\" is forbidden: {why}", Details(resource, name));

    /// <summary>A 403 from what was asked for rather than from what is served; a request about no resource has an empty one.</summary>
    public static ApiException Forbidden(string group, string resource, string name, string why)
    {
        var details = new JsonObject();
        AddIfAny(details, "name", name);
        AddIfAny(details, "group", group);
        AddIfAny(details, "kind", resource);
        var qualified = group.Length == 0 ? resource : $"{resource}.{group}";
        var message = resource.Length == 0 ? "forbidden" : name.Length == 0 ? $"{qualified} is forbidden" : $"{qualified} \"{name}\" is forbidden";
        return new ApiException(403, "Forbidden", $"{message}: {why}", details);
    }

    /// <summary>Nothing is served under this path, in a group that exists.</summary>
    public static ApiException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiException NotFound(ServedResource resource, string name) =>
        new(404, "NotFound", $"{resource.QualifiedPlural} \"{name}\" not found", Details(resource, name));

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiException NotAcceptable(string accepted) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {accepted}");

    public static ApiException AlreadyExists(ServedResource resource, string name, bool terminating) => new(
        409,
        "AlreadyExists",
        terminating ? $"object is being deleted: {resource.QualifiedPlural} \"{name}\" already exists" : $"{resource.QualifiedPlural} \"{name}\" already exists",
        Details(resource, name));

    public static ApiException Modified(ServedResource resource, string name) =>
        Conflict(resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiException Conflict(ServedResource resource, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedPlural} \"{name}\": {why}", Details(resource, name));

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooLarge(long limit) => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException UnsupportedMediaType(string accepted, string hint = "") => new(
        415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}{hint}");

    /// <summary>The same for a patch of a built-in, which carries details.</summary>
    public static ApiException UnsupportedPatch(ServedResource resource, string accepted) => resource.IsCustom
        ? UnsupportedMediaType(accepted)
        : new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}", []);

    public static ApiException Invalid(ServedResource resource, string name, IReadOnlyCollection<FieldError> errors) =>
        Invalid(resource.Definition.Group, resource.Definition.Kind, name, errors);

    public static ApiException Invalid(string group, string kind, string name, IReadOnlyCollection<FieldError> errors)
    {
        var distinct = errors.Distinct().ToList();
        var details = new JsonObject();
        AddIfAny(details, "name", name);
        AddIfAny(details, "group", group);
        AddIfAny(details, "kind", kind);
        details["causes"] = new JsonArray([.. distinct.Select(error => (JsonNode)new JsonObject
        {
            ["reason"] = error.Reason,
            ["message"] = error.Message,
            ["field"] = error.Field,
        })]);
        var list = distinct.Count == 1 ? distinct[0].ToString() : $"[{string.Join(", ", distinct)}]";
        var qualified = group.Length == 0 ? kind : $"{kind}.{group}";
        return new ApiException(422, "Invalid", $"{qualified} \"{name}\" is invalid: {list}", details);
    }

    /// <summary>A PUT without the resourceVersion it needs. The real server names the resource here rather than the kind.</summary>
    public static ApiException VersionRequired(ServedResource resource, string name)
    {
        var errors = new[] { FieldError.Invalid("metadata.resourceVersion", 0, "must be specified for an update") };
        return Invalid(resource.Definition.Group, resource.Definition.Plural, name, errors);
    }

    /// <summary>A precondition of a delete does not hold. The real server names the kind here rather than the resource.</summary>
    public static ApiException Precondition(ServedResource resource, string name, string what, string wanted, string actual)
    {
        var (group, kind) = (resource.Definition.Group, resource.Definition.Kind);
        var details = Details(resource, name);
        details["kind"] = kind;
        return new ApiException(
            409,
            "Conflict",
            $"Operation cannot be fulfilled on {(group.Length == 0 ? kind : $"{kind}.{group}")} \"{name}\": the {what} in the precondition ({wanted}) "
            + $"does not match the {what} in record ({actual}). The object might have been {(what == "UID" ? "deleted and then recreated" : "modified")}",
            details);
    }

    /// <summary>A 422 for a patch that does not fit the object, in the generic words of the real server.</summary>
    public static ApiException Unprocessable() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", []);

    public static ApiException Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}", new JsonObject
    {
        ["causes"] = new JsonArray(new JsonObject { ["message"] = message }),
    });

    public static ApiException InsufficientStorage(string message) => new(507, "InsufficientStorage", message);

    public static ApiException ResourceVersionTooLarge(long requested, long current) => new(
        504,
        "Timeout",
        $"Timeout: Too large resource version: {requested}, current: {current}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        });

    public static JsonObject Details(ServedResource resource, string name)
    {
        var details = new JsonObject();
        AddIfAny(details, "name", name);
        AddIfAny(details, "group", resource.Definition.Group);
        details["kind"] = resource.Definition.Plural;
        return details;
    }

    private static void AddIfAny(JsonObject target, string key, string value)
    {
        if (value.Length > 0)
        {
            target[key] = value;
        }
    }
}
