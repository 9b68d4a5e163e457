using Portal.Kubernetes.Objects;

namespace Portal.ApiServer.OpenApi;

/// <summary>Paths and operations of one resource.</summary>
internal static class OpenApiPaths
{
    private static readonly string[] s_patchTypes =
        ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];

    public static void Add(JsonObject paths, OpenApiResource resource, JsonObject reference, JsonObject listReference)
    {
        var definition = resource.Definition;
        var root = definition.Group.Length == 0 ? $"/api/{definition.Version}" : $"/apis/{definition.Group}/{definition.Version}";
        var collection = definition.Namespaced ? $"{root}/namespaces/{{namespace}}/{definition.Plural}" : $"{root}/{definition.Plural}";
        if (definition.Namespaced)
        {
            paths[$"{root}/{definition.Plural}"] = Item(definition, null, ("get", "list", listReference));
        }

        paths[collection] = Item(
            definition, null, ("get", "list", listReference), ("post", "post", reference), ("delete", "deletecollection", null));
        paths[collection + "/{name}"] = Item(
            definition, null, ("get", "get", reference), ("put", "put", reference), ("patch", "patch", reference), ("delete", "delete", null));
        foreach (var (subresource, offered) in (ReadOnlySpan<(string, bool)>)[("status", resource.HasStatus), ("scale", resource.HasScale)])
        {
            if (offered)
            {
                var scale = subresource == "scale" ? new ResourceDefinition("autoscaling", "v1", "Scale", "scale", definition.Namespaced) : null;
                paths[$"{collection}/{{name}}/{subresource}"] = Item(
                    definition, scale, ("get", "get", scale is null ? reference : null), ("put", "put", scale is null ? reference : null),
                    ("patch", "patch", scale is null ? reference : null));
            }
        }
    }

    public static JsonObject GroupVersionKind(ResourceDefinition definition, string kind) =>
        new() { ["group"] = definition.Group, ["kind"] = kind, ["version"] = definition.Version };

    private static JsonObject Item(
        ResourceDefinition definition, ResourceDefinition? answers, params ReadOnlySpan<(string Method, string Action, JsonObject? Schema)> operations)
    {
        var item = new JsonObject();
        foreach (var (method, action, schema) in operations)
        {
            var operation = new JsonObject
            {
                ["description"] = $"{action} {definition.Kind}",
                ["parameters"] = Parameters(action),
                ["responses"] = new JsonObject
                {
                    ["200"] = new JsonObject { ["description"] = "OK", ["content"] = Content(["application/json"], schema) },
                },
                ["x-kubernetes-action"] = action,
                ["x-kubernetes-group-version-kind"] = GroupVersionKind(answers ?? definition, (answers ?? definition).Kind),
            };
            if (method is "post" or "put")
            {
                operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(["application/json", "application/yaml"], schema) };
            }
            else if (method == "patch")
            {
                operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(s_patchTypes, null) };
            }

            item[method] = operation;
        }

        return item;
    }

    private static JsonObject Content(ReadOnlySpan<string> types, JsonObject? schema)
    {
        var content = new JsonObject();
        foreach (var type in types)
        {
            content[type] = new JsonObject { ["schema"] = schema?.DeepClone() ?? new JsonObject { ["type"] = "object" } };
        }

        return content;
    }

    private static JsonArray Parameters(string action)
    {
        var parameters = new JsonArray();
        if (action is "post" or "put" or "patch")
        {
            parameters.Add(Parameter("dryRun", "string", "All runs every stage of the request without storing the result."));
            parameters.Add(Parameter("fieldManager", "string", "Name of the writer, for field ownership. Required when applying."));
            parameters.Add(Parameter(
                "fieldValidation", "string", "What to do about unknown or duplicate fields: Ignore drops them, Warn answers with warnings, Strict refuses the request."));
        }

        if (action == "patch")
        {
            parameters.Add(Parameter("force", "boolean", "Whether applying takes fields over from their owners."));
        }

        if (action is "list" or "deletecollection")
        {
            parameters.Add(Parameter("fieldSelector", "string", "Limits the list by fields."));
            parameters.Add(Parameter("labelSelector", "string", "Limits the list by labels."));
            parameters.Add(Parameter("limit", "integer", "Largest number of objects in one answer."));
            parameters.Add(Parameter("continue", "string", "Where the last answer ended."));
        }

        return parameters;
    }

    private static JsonObject Parameter(string name, string type, string description) => new()
    {
        ["name"] = name,
        ["in"] = "query",
        ["description"] = description,
        ["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true },
    };
}
