using System.Text;
using System.Text.RegularExpressions;
using Portal.ApiServer.Schemas;

namespace Portal.ApiServer.Resources.Kinds;

/// <summary>ConfigMaps: keys, total size, <c>immutable</c>.</summary>
internal sealed class ConfigMapRules : ResourceRules
{
    public override bool HasGeneration => false;
    public override bool AllowUnconditionalUpdate => true;

    public override IEnumerable<FieldError> Validate(JsonObject target, JsonObject? old)
    {
        var data = target["data"] as JsonObject ?? [];
        var binary = target["binaryData"] as JsonObject ?? [];
        foreach (var key in data.Select(pair => pair.Key))
        {
            foreach (var error in DataKeys.Problems("data", key))
            {
                yield return error;
            }

            if (binary.ContainsKey(key))
            {
                yield return FieldError.Invalid($"data[{key}]", key, "duplicate of key present in binaryData");
            }
        }

        foreach (var error in binary.SelectMany(pair => DataKeys.Problems("binaryData", pair.Key)))
        {
            yield return error;
        }

        if (DataKeys.Size(data, base64: false) + DataKeys.Size(binary, base64: true) > DataKeys.MaxBytes)
        {
            yield return FieldError.TooLong("[]", DataKeys.MaxBytes);
        }

        foreach (var error in DataKeys.Immutability(target, old, "data", "binaryData"))
        {
            yield return error;
        }
    }
}

/// <summary>What ConfigMaps and Secrets share.</summary>
internal static partial class DataKeys
{
    public const int MaxBytes = 1024 * 1024;

    public static IEnumerable<FieldError> Problems(string field, string key)
    {
        if (key.Length > 253)
        {
            yield return FieldError.Invalid($"{field}[{key}]", key, "must be no more than 253 characters");
        }

        if (!Key().IsMatch(key))
        {
            yield return FieldError.Invalid(
                $"{field}[{key}]",
                key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
        }
        else if (key is "." or ".." || key.StartsWith("..", StringComparison.Ordinal))
        {
            yield return FieldError.Invalid($"{field}[{key}]", key, "must not start with '..'");
        }
    }

    public static long Size(JsonObject data, bool base64) => data.Sum(pair =>
    {
        var text = pair.Value?.ToString() ?? "";
        return base64 ? (long)text.Length * 3 / 4 : Encoding.UTF8.GetByteCount(text);
    });

    public static IEnumerable<FieldError> Immutability(JsonObject target, JsonObject? old, params string[] fields)
    {
        if (old?["immutable"]?.GetValueKind() != JsonValueKind.True)
        {
            yield break;
        }

        if (target["immutable"]?.GetValueKind() != JsonValueKind.True)
        {
            yield return FieldError.Forbidden("immutable", "field is immutable when `immutable` is set");
        }

        foreach (var field in fields.Where(field => !JsonNode.DeepEquals(target[field], old[field])))
        {
            yield return FieldError.Forbidden(field, "field is immutable when `immutable` is set");
        }
    }

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();
}
