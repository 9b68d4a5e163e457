using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Api;

namespace Portal.Operator.Manifests;

/// <summary>
/// Turns a record into a structural schema (OpenAPI v3 as CustomResourceDefinitions want it). Standard attributes say the rules:
/// <see cref="DescriptionAttribute"/>, <see cref="RequiredAttribute"/>, <see cref="DefaultValueAttribute"/>, <see cref="RangeAttribute"/>,
/// <see cref="MinLengthAttribute"/>, <see cref="RegularExpressionAttribute"/>, <see cref="AllowedValuesAttribute"/>. A <see cref="JsonNode"/> may hold any JSON.
/// </summary>
internal static class SchemaBuilder
{
    /// <exception cref="NotSupportedException">The type, or that of a property in it, has no schema.</exception>
    public static JsonObject Build(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Build(inner) : type switch
    {
        _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        _ when type == typeof(JsonNode) => new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true },
        _ when type == typeof(Quantity) => QuantitySchema(),
        _ when type == typeof(IntOrString) => IntOrStringSchema(),
        _ when type == typeof(Condition) => ConditionSchema.Build(),
        { IsEnum: true } => new JsonObject { ["type"] = "string", ["enum"] = Values(Enum.GetNames(type)) },
        _ when ElementType(type, typeof(IReadOnlyList<>), 0) is { } item => new JsonObject { ["type"] = "array", ["items"] = Build(item) },
        _ when ElementType(type, typeof(IReadOnlyDictionary<,>), 1) is { } value =>
            new JsonObject { ["type"] = "object", ["additionalProperties"] = Build(value) },
        { IsClass: true } when type.Namespace?.StartsWith("Portal.", StringComparison.Ordinal) == true => Record(type),
        _ => throw new NotSupportedException($"No schema for {type}."),
    };

    private static JsonObject Record(Type type)
    {
        var properties = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        var required = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = KubernetesJson.Options.PropertyNamingPolicy!.ConvertName(property.Name);
            properties[name] = Property(property);
            if (property.IsDefined(typeof(RequiredAttribute)))
            {
                required.Add(name);
            }
        }

        var schema = new JsonObject { ["type"] = "object" };
        if (type.GetCustomAttribute<DescriptionAttribute>() is { } description)
        {
            schema["description"] = description.Description;
        }

        schema["properties"] = new JsonObject(properties.Select(item => KeyValuePair.Create<string, JsonNode?>(item.Key, item.Value)));
        if (required.Count > 0)
        {
            schema["required"] = Values(required);
        }

        if (type.IsDefined(typeof(AtomicMapAttribute)))
        {
            schema["x-kubernetes-map-type"] = "atomic";
        }

        if (type.GetCustomAttributes<CelRuleAttribute>().ToList() is { Count: > 0 } rules)
        {
            schema["x-kubernetes-validations"] = new JsonArray([.. rules.Select(rule => new JsonObject { ["rule"] = rule.Rule, ["message"] = rule.Message })]);
        }

        return schema;
    }

    private static JsonObject Property(PropertyInfo property)
    {
        var schema = Build(property.PropertyType);
        foreach (var attribute in property.GetCustomAttributes())
        {
            switch (attribute)
            {
                case DescriptionAttribute description:
                    schema["description"] = description.Description;
                    break;
                case DefaultValueAttribute { Value: { } value }:
                    schema["default"] = JsonSerializer.SerializeToNode(value);
                    break;
                case MinLengthAttribute minimum:
                    schema[(string?)schema["type"] == "array" ? "minItems" : "minLength"] = minimum.Length;
                    break;
                case RangeAttribute range:
                    schema["minimum"] = JsonSerializer.SerializeToNode(range.Minimum);
                    if (range.Maximum is not int.MaxValue)
                    {
                        schema["maximum"] = JsonSerializer.SerializeToNode(range.Maximum);
                    }

                    break;
                case RegularExpressionAttribute expression:
                    schema["pattern"] = expression.Pattern;
                    break;
                case DataTypeAttribute { DataType: DataType.DateTime }:
                    schema["format"] = "date-time";
                    break;
                case AllowedValuesAttribute allowed:
                    schema["enum"] = Values(allowed.Values.OfType<string>());
                    break;
                case ListMapKeyAttribute map:
                    schema["x-kubernetes-list-type"] = "map";
                    schema["x-kubernetes-list-map-keys"] = new JsonArray(map.Key);
                    break;
            }
        }

        return schema;
    }

    private static JsonObject QuantitySchema()
    {
        var schema = IntOrStringSchema();
        schema["pattern"] = Quantity.Pattern;
        return schema;
    }

    private static JsonObject IntOrStringSchema() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" }),
        ["x-kubernetes-int-or-string"] = true,
    };

    private static Type? ElementType(Type type, Type generic, int argument) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[argument] : null;

    private static JsonArray Values(IEnumerable<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);
}
