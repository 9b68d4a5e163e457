using System.Globalization;
using Portal.Operator.Manifests;

namespace Portal.Tests.Helm.Template;

/// <summary>The functions of Go, Sprig and Helm that the chart uses; any other is refused.</summary>
internal static class TemplateFunctions
{
    public static JsonNode? Call(string name, JsonNode?[] arguments) => (name, arguments) switch
    {
        ("default", [var otherwise, var value]) => Truth(value) ? value : otherwise,
        ("not", [var value]) => !Truth(value),
        ("quote", [var value]) => JsonSerializer.Serialize(value is null ? "" : Print(value), s_quoting),
        ("toYaml", [var value]) => ManifestYaml.Serialize(value!.DeepClone()).TrimEnd('\n'),
        ("indent", [var count, var text]) => Indent(count, text),
        ("nindent", [var count, var text]) => "\n" + Indent(count, text),
        ("trunc", [var count, var text]) => Print(text)[..Math.Min((int)count!, Print(text).Length)],
        ("trimSuffix", [var suffix, var text]) => Print(text).EndsWith(Print(suffix), StringComparison.Ordinal) ? Print(text)[..^Print(suffix).Length] : Print(text),
        ("contains", [var part, var text]) => Print(text).Contains(Print(part), StringComparison.Ordinal),
        ("replace", [var old, var by, var text]) => Print(text).Replace(Print(old), Print(by), StringComparison.Ordinal),
        ("join", [var separator, JsonArray list]) => string.Join(Print(separator), list.Select(Print)),
        ("printf", [var format, .. var values]) => Format(Print(format), values),
        ("int", [var number]) => (int)double.Parse(Print(number), CultureInfo.InvariantCulture),
        ("gt", [var left, var right]) => (int)left! > (int)right!,
        ("urlParse", [var url]) => new JsonObject { ["hostname"] = Uri.TryCreate(Print(url), UriKind.Absolute, out var parsed) ? parsed.Host : "" },
        ("required", [var message, var value]) => value is not null && Print(value).Length > 0 ? value : throw new TemplateException(Print(message)),
        ("fail", [var message]) => throw new TemplateException(Print(message)),
        _ => throw new TemplateException($"the function {name} with {arguments.Length} arguments is outside the subset"),
    };

    /// <summary>False are: nothing, false, zero, and empty texts, lists and maps.</summary>
    public static bool Truth(JsonNode? value) => value switch
    {
        null => false,
        JsonArray list => list.Count > 0,
        JsonObject map => map.Count > 0,
        _ => value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.ToJsonString() != "0",
            _ => value.ToString().Length > 0,
        },
    };

    public static string Print(JsonNode? value) => value switch
    {
        null => throw new TemplateException("there is no value to print"),
        JsonArray or JsonObject => throw new TemplateException($"a list or map is printed as it is: {value.ToJsonString()}"),
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(),
    };

    private static readonly JsonSerializerOptions s_quoting = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Indent(JsonNode? count, JsonNode? text)
    {
        var pad = new string(' ', (int)count!);
        return pad + Print(text).Replace("\n", "\n" + pad, StringComparison.Ordinal);
    }

    private static string Format(string format, JsonNode?[] values)
    {
        var pieces = format.Split("%s");
        if (pieces.Length != values.Length + 1 || pieces.Any(piece => piece.Contains('%', StringComparison.Ordinal)))
        {
            throw new TemplateException($"printf \"{format}\" is outside the subset: as many %s as values");
        }

        return string.Concat(pieces.Zip(values.Select(Print).Append(""), (piece, value) => piece + value));
    }
}
