using Portal.Kubernetes.Serialization;

namespace Portal.ApiServer.Schemas;

/// <summary>
/// One reason why an object is invalid, in the shape of apimachinery's <c>field.Error</c>: it becomes one entry of <c>details.causes</c>.
/// </summary>
/// <param name="Reason">Cause type, such as <c>FieldValueRequired</c>.</param>
/// <param name="Field">Path of the field, such as <c>spec.ports[0].port</c>.</param>
/// <param name="Message">Text without the field path, such as <c>Required value</c>.</param>
internal sealed record FieldError(string Reason, string Field, string Message)
{
    public static FieldError Required(string field, string detail = "") =>
        new("FieldValueRequired", field, Join("Required value", detail));

    public static FieldError Invalid(string field, JsonNode? value, string detail) =>
        new("FieldValueInvalid", field, Join($"Invalid value: {Show(value)}", detail));

    public static FieldError TypeInvalid(string field, JsonNode? value, string detail) =>
        new("FieldValueTypeInvalid", field, Join($"Invalid value: {Show(value)}", detail));

    public static FieldError NotSupported(string field, JsonNode? value, IEnumerable<string> supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported)}");

    public static FieldError Duplicate(string field, JsonNode? value) =>
        new("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public static FieldError Forbidden(string field, string detail) => new("FieldValueForbidden", field, Join("Forbidden", detail));

    public static FieldError TooLong(string field, int limit) =>
        new("FieldValueTooLong", field, $"Too long: may not be more than {limit} bytes");

    public static FieldError TooMany(string field, int actual, int limit) =>
        new("FieldValueTooMany", field, $"Too many: {actual}: must have at most {limit} items");

    public override string ToString() => $"{Field}: {Message}";

    private static string Join(string head, string detail) => detail.Length == 0 ? head : $"{head}: {detail}";

    private static string Show(JsonNode? value) => value is null ? "null" : value.ToJsonString(KubernetesJson.Options);
}
