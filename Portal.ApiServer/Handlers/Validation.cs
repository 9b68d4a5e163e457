using System.Text;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Handlers;

/// <summary>The last check before storing: metadata, schema, and the rules of the kind.</summary>
internal static class Validation
{
    private const int MaxObjectBytes = 2 * 1024 * 1024;

    private static readonly FieldError s_notChecked = FieldError.Invalid(
        "<nil>", null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");

    /// <exception cref="ApiException">422 with every cause, or 413 when the object is too large to store.</exception>
    public static void Check(WriteContext write, JsonObject target, JsonObject? old)
    {
        var resource = write.Resource;
        var errors = new List<FieldError>();
        errors.AddRange(MetadataRules.Validate(target, old, resource));
        errors.AddRange(SchemaValidator.Validate(target, resource.Schema, resource.IsCustom ? old : null));
        if (errors.Count == 0)
        {
            errors.AddRange(resource.Rules.Validate(target, old));
        }

        if (resource.Expressions is { } expressions)
        {
            errors.AddRange(errors.Exists(Blocks) ? [s_notChecked] : expressions.Validate(target, old));
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(resource, Metadata.Text(target, "name"), errors);
        }

        if (resource.IsCustom)
        {
            write.Warnings.AddRange(MetadataRules.FinalizerWarnings(target, old).Except(write.Warnings));
        }

        if (Size(target) > MaxObjectBytes)
        {
            throw ApiException.TooLarge(MaxObjectBytes);
        }
    }

    /// <summary>Whether rules cannot be evaluated on an object with this mistake: it may not have the types that they were compiled for.</summary>
    private static bool Blocks(FieldError error) => error.Reason is
        "FieldValueNotSupported" or "FieldValueRequired" or "FieldValueTooLong" or "FieldValueTooMany" or "FieldValueTypeInvalid";

    private static int Size(JsonObject target) => Encoding.UTF8.GetByteCount(target.ToJsonString(Portal.Kubernetes.Serialization.KubernetesJson.Options));
}
