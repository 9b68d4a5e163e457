using System.Collections.Frozen;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.OpenApi;

/// <summary>
/// Makes components of the types that fields of built-in kinds have, each once a document, and references to them: this is where kubectl explain
/// has the names of types from.
/// </summary>
/// <param name="schemas">Components of the document; types are added when they are first met.</param>
/// <param name="metaPrefix">Prefix of the component names of types that every group shares.</param>
/// <param name="prefix">Prefix of the component names of all others.</param>
internal sealed class OpenApiTypes(JsonObject schemas, string metaPrefix, string prefix)
{
    private static readonly FrozenSet<string> s_meta =
        FrozenSet.Create("ObjectMeta", "OwnerReference", "ManagedFieldsEntry", "LabelSelector", "LabelSelectorRequirement");

    /// <summary>A copy of a schema in which parts of a named type are references, and without markers of our own.</summary>
    public JsonObject Shared(JsonObject source)
    {
        var schema = new JsonObject();
        foreach (var (name, value) in source)
        {
            if (name is not ("x-always-present" or SchemaText.TypeMarker))
            {
                schema[name] = name switch
                {
                    "properties" when value is JsonObject properties =>
                        new JsonObject(properties.Select(property => KeyValuePair.Create(property.Key, (JsonNode?)Part((JsonObject)property.Value!)))),
                    "items" or "additionalProperties" when value is JsonObject part => Part(part),
                    _ => value?.DeepClone(),
                };
            }
        }

        return schema;
    }

    private JsonObject Part(JsonObject source)
    {
        if (source[SchemaText.TypeMarker]?.ToString() is not { } type)
        {
            return Shared(source);
        }

        var component = (s_meta.Contains(type) ? metaPrefix : prefix) + type;
        if (!schemas.ContainsKey(component))
        {
            // Before its fields, which may be of the same type.
            schemas[component] = new JsonObject();
            schemas[component] = Shared(BuiltInSchemas.Type(type).Source);
        }

        var reference = new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/" + component }) };
        if (source["description"] is { } description)
        {
            reference["description"] = description.DeepClone();
        }

        return reference;
    }
}
