using Portal.ApiServer.Resources;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>From what a client sent to an object of the asked-for kind: kind and version checked, unknown fields gone, types right.</summary>
internal static class ObjectDecoder
{
    /// <summary>Decodes a body in place of its JSON.</summary>
    /// <exception cref="ApiException">400 when the body is no such object, or has unknown or duplicate fields and the caller asked for strictness.</exception>
    public static JsonObject Decode(RequestBody body, WriteContext write)
    {
        var resource = write.Resource;
        if (body.Node is not JsonObject target)
        {
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {resource.Definition.Kind}): couldn't get version/kind; json parse error: the body must be a JSON object");
        }

        CheckKind(target, resource, body.Text);
        Clean(target, body.Duplicates, write, inPatch: false);
        return target;
    }

    /// <summary>Checks a patched object in place. Field validation problems of a patch are a 422 about <c>patch</c>.</summary>
    public static void DecodePatched(JsonObject target, IReadOnlyList<string> duplicates, WriteContext write)
    {
        CheckKind(target, write.Resource, "");
        Clean(target, duplicates, write, inPatch: true);
    }

    public static void CheckKind(JsonObject target, ServedResource resource, string text)
    {
        var definition = resource.Definition;
        var kind = Text(target, "kind");
        var apiVersion = Text(target, "apiVersion");
        if (!resource.IsCustom)
        {
            kind = kind.Length == 0 ? definition.Kind : kind;
            apiVersion = apiVersion.Length == 0 ? definition.ApiVersion : apiVersion;
            if (apiVersion != definition.ApiVersion || kind != definition.Kind)
            {
                throw ApiException.BadRequest(
                    $"{kind} in version \"{apiVersion}\" cannot be handled as a {definition.Kind}: expected {definition.ApiVersion} {definition.Kind}");
            }

            target["kind"] = kind;
            target["apiVersion"] = apiVersion;
            return;
        }

        if (kind.Length == 0 || apiVersion.Length == 0)
        {
            var missing = kind.Length == 0 ? "Kind" : "apiVersion";
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {definition.Kind}): Object '{missing}' is missing in '{text}'");
        }

        if (apiVersion != definition.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({apiVersion}) does not match the expected API version ({definition.ApiVersion})");
        }

        if (kind != definition.Kind)
        {
            throw ApiException.Invalid(
                definition.Group, kind, Metadata.Text(target, "name"), [FieldError.Invalid("kind", kind, $"must be {definition.Kind}")]);
        }
    }

    private static void Clean(JsonObject target, IReadOnlyList<string> duplicates, WriteContext write, bool inPatch)
    {
        var resource = write.Resource;
        CheckTypes(target, resource);
        CheckRules(target, resource);
        Metadata.DropEmpty(target);
        var unknown = SchemaPruner.Prune(target, resource.Schema);
        if (write.FieldValidation == FieldValidationMode.Ignore || (unknown.Count == 0 && duplicates.Count == 0))
        {
            return;
        }

        var problems = FieldValidation.Problems(duplicates, unknown, resource.IsCustom);
        if (write.FieldValidation == FieldValidationMode.Warn)
        {
            write.Warnings.AddRange(problems);
            return;
        }

        if (inPatch)
        {
            throw ApiException.Invalid("", "", "", [FieldError.Invalid("patch", null, FieldValidation.StrictMessage(problems))]);
        }

        throw ApiException.BadRequest(
            $"{resource.Definition.Kind} in version \"{resource.Definition.Version}\" cannot be handled as a {resource.Definition.Kind}: {FieldValidation.StrictMessage(problems)}");
    }

    /// <summary>Built-ins, and the metadata of custom resources, are refused as undecodable when a field has another JSON type.</summary>
    private static void CheckTypes(JsonObject target, ServedResource resource)
    {
        if (target["metadata"] is not (null or JsonObject))
        {
            throw Undecodable(resource, "json: cannot unmarshal into field metadata of type ObjectMeta");
        }

        var checkedPart = target;
        if (resource.IsCustom)
        {
            checkedPart = new JsonObject { ["metadata"] = target["metadata"]?.DeepClone() };
            if (checkedPart["metadata"] is null)
            {
                return;
            }
        }

        foreach (var error in SchemaValidator.Validate(checkedPart, resource.Schema))
        {
            if (error.Reason == "FieldValueTypeInvalid" && (!resource.IsCustom || error.Field.StartsWith("metadata", StringComparison.Ordinal)))
            {
                throw Undecodable(resource, $"{error.Field}: {error.Message}");
            }
        }
    }

    private static void CheckRules(JsonObject target, ServedResource resource)
    {
        if (resource.Rules.DecodeProblem(target) is { } problem)
        {
            throw Undecodable(resource, problem);
        }
    }

    private static ApiException Undecodable(ServedResource resource, string why) => ApiException.BadRequest(
        $"{resource.Definition.Kind} in version \"{resource.Definition.Version}\" cannot be handled as a {resource.Definition.Kind}: {why}");

    private static string Text(JsonObject target, string key) =>
        target[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
