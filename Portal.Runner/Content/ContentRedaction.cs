using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace Portal.Runner.Content;

/// <summary>Takes out of inputs and answers what may not be written down.</summary>
public static partial class ContentRedaction
{
    private const string Address = "(address)";
    private const string Card = "(card number)";

    /// <summary>Shorter values are too common to be looked for in answers.</summary>
    private const int ShortestSecret = 4;

    /// <summary>Variables that are secret: those that are listed, and those whose schema says <c>writeOnly</c> or <c>format: password</c>.</summary>
    /// <param name="listed">By the policy.</param>
    /// <param name="schema">JSON Schema of the input; null when there is none.</param>
    public static IReadOnlySet<string> SecretNames(IEnumerable<string> listed, JsonObject? schema)
    {
        var names = listed.ToHashSet(StringComparer.Ordinal);
        names.UnionWith((schema?["properties"] as JsonObject ?? []).Where(static pair => pair.Value is JsonObject property && IsSecret(property)).Select(static pair => pair.Key));
        return names;
    }

    /// <summary>The values of secret variables that an answer may repeat, as they are and as they stand in JSON, the longest first.</summary>
    public static IReadOnlyList<string> SecretValues(JsonObject input, IReadOnlySet<string> names) =>
    [
        .. Named(input, names).SelectMany(static pair => Texts(pair.Value)).Where(static text => text.Length >= ShortestSecret)
            .SelectMany(static text => new[] { text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) })
            .Distinct(StringComparer.Ordinal).OrderByDescending(static text => text.Length),
    ];

    /// <summary>Replaces the values of secret variables, at any depth.</summary>
    public static void HideNamed(JsonObject input, IReadOnlySet<string> names)
    {
        foreach (var (owner, name) in Named(input, names).Select(static pair => (pair.Owner, pair.Name)).ToList())
        {
            owner[name] = SecretFilter.Hidden;
        }
    }

    /// <summary>Text without addresses, keys, card numbers and the given secrets.</summary>
    public static string Clean(string text, IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, SecretFilter.Hidden, StringComparison.Ordinal);
        }

        return CardNumber().Replace(Mail().Replace(SecretFilter.Clean(text), Address), static match => IsCard(match.ValueSpan) ? Card : match.Value);
    }

    /// <summary>Text with each <c>data:</c> URL replaced by its type, size and hash.</summary>
    public static string WithoutMedia(string text) => !text.Contains("data:", StringComparison.OrdinalIgnoreCase) ? text : DataUrl().Replace(text, static match =>
    {
        var data = Encoding.UTF8.GetBytes(match.Groups["data"].Value.Replace("+", "%2B", StringComparison.Ordinal));
        var told = WebUtility.UrlDecodeToBytes(data, 0, data.Length);
        var bytes = new byte[told.Length];
        var content = match.Groups["base64"].Success && Base64.DecodeFromUtf8(told, bytes, out _, out var count) == OperationStatus.Done ? bytes.AsSpan(0, count) : told;
        return string.Create(CultureInfo.InvariantCulture, $"(media {match.Groups["type"].Value}, {content.Length} bytes, sha256 {Convert.ToHexStringLower(SHA256.HashData(content))})");
    });

    /// <summary>A copy with each text, and each number that does not stay as it is, changed.</summary>
    /// <param name="node">What to copy.</param>
    /// <param name="change">Given each text.</param>
    /// <param name="whole">Gives what comes in the place of an object; null for one that is copied like all else.</param>
    public static JsonNode? Map(JsonNode? node, Func<string, string> change, Func<JsonObject, JsonNode?>? whole = null) => node switch
    {
        JsonObject map => whole?.Invoke(map) ?? new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Map(pair.Value, change, whole)))),
        JsonArray list => new JsonArray([.. list.Select(item => Map(item, change, whole))]),
        JsonValue value when value.TryGetValue(out string? text) => change(text),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && change(value.ToJsonString()) is var number && number != value.ToJsonString() => number,
        _ => node?.DeepClone(),
    };

    private static IEnumerable<(JsonObject Owner, string Name, JsonNode? Value)> Named(JsonNode? node, IReadOnlySet<string> names) => node switch
    {
        JsonObject map => map.SelectMany(pair => names.Contains(pair.Key) || SecretFilter.IsSecretName(pair.Key) ? [(map, pair.Key, pair.Value)] : Named(pair.Value, names)),
        JsonArray list => list.SelectMany(item => Named(item, names)),
        _ => [],
    };

    private static bool IsSecret(JsonObject property) =>
        (property["writeOnly"] is JsonValue flag && flag.TryGetValue(out bool isSecret) && isSecret) || (property["format"] is JsonValue format && format.TryGetValue(out string? name) && name == "password");

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(static pair => Texts(pair.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value => [value.ToString()],
        _ => [],
    };

    /// <summary>By the check digit, so that an order's number stays (https://en.wikipedia.org/wiki/Luhn_algorithm).</summary>
    private static bool IsCard(ReadOnlySpan<char> text)
    {
        var (sum, count) = (0, 0);
        for (var i = text.Length - 1; i >= 0; i--)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            var digit = text[i] - '0';
            sum += count++ % 2 == 0 ? digit : digit > 4 ? (digit * 2) - 9 : digit * 2;
        }

        return count is >= 13 and <= 19 && sum % 10 == 0;
    }

    [GeneratedRegex(@"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,8}", RegexOptions.CultureInvariant)]
    private static partial Regex Mail();

    [GeneratedRegex(@"(?<!\d)\d(?:[ \-]?\d){12,18}(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex CardNumber();

    // Where a text is nothing else, its data may hold blanks and quotes, as many write pictures of SVG.
    [GeneratedRegex(
        @"(?<all>\A)?data:(?<type>[\w.+\-]{1,60}/[\w.+\-]{1,60})?(?>(?:;(?!base64,)[^,;:\s]{0,200})*)(?:(?<base64>;base64),(?<data>[A-Za-z0-9+/=%_\-]+)|,(?<data>(?(all)[\s\S]+|[^\s""\\]+)))",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DataUrl();
}
