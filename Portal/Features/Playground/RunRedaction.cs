using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Portal.Components.Inputs;
using Portal.Dotprompt.Documents;
using Portal.Features.Audit;

namespace Portal.Features.Playground;

/// <summary>Takes out of a run what may not be written, before anything is.</summary>
internal static partial class RunRedaction
{
    private const string Address = "(address)";
    private const string Card = "(card number)";

    /// <summary>Shorter values are too common to be looked for in answers.</summary>
    private const int ShortestSecret = 4;

    public static RunSnapshot Apply(RunSnapshot run, RunPolicy policy)
    {
        var keeping = policy.KeepingOf(run.Source, run.Id);
        var secrets = keeping == RunKeeping.Full ? [] : Secrets(run, policy).ToList();
        string Clean(string text) => CleanText(WithoutMedia(text), secrets);
        var input = KeptMedia.Summarize(run.Input, run.Previews);
        var kept = run with
        {
            Kept = keeping,
            Previews = new Dictionary<string, string>(),
            // A provider's message may repeat what it was sent.
            Error = run.Error is { } error && keeping != RunKeeping.Full ? error with { Message = Clean(error.Message) } : run.Error,
        };
        return keeping switch
        {
            RunKeeping.Off => kept with { Input = [], Output = "", Content = null },
            RunKeeping.Redacted => kept with { Input = (JsonObject)Map(RedactNamed(input, run, policy), Clean, withPreviews: false)!, Output = Clean(run.Output) },
            _ => kept with { Input = (JsonObject)Map(input, WithoutMedia, withPreviews: true)!, Output = WithoutMedia(run.Output) },
        };
    }

    /// <summary>Text without addresses, keys and card numbers.</summary>
    public static string CleanText(string text, IReadOnlyList<string> secrets)
    {
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, SecretFilter.Hidden, StringComparison.Ordinal);
        }

        return CardNumber().Replace(Mail().Replace(SecretFilter.Clean(text), Address), static match => IsCard(match.ValueSpan) ? Card : match.Value);
    }

    /// <summary>Text with each <c>data:</c> URL replaced by its type, size and hash.</summary>
    public static string WithoutMedia(string text) => !text.Contains("data:", StringComparison.Ordinal) ? text : DataUrl().Replace(text, static match =>
    {
        var data = match.Groups["data"].ValueSpan;
        var bytes = new byte[(data.Length / 4 * 3) + 3];
        var content = Convert.TryFromBase64Chars(data, bytes, out var count) ? bytes.AsSpan(0, count) : Encoding.UTF8.GetBytes(match.Groups["data"].Value);
        return string.Create(CultureInfo.InvariantCulture, $"(media {match.Groups["type"].Value}, {content.Length} bytes, sha256 {Convert.ToHexStringLower(SHA256.HashData(content))})");
    });

    /// <summary>Whether a value stands for media that were not kept: a run with such cannot be run again.</summary>
    public static bool HasPlaceholder(JsonNode? input) => input?.ToJsonString(InputJson.Compact) is { } text
        && (text.Contains("(media ", StringComparison.Ordinal) || text.Contains($"\"{KeptMedia.Marker}\"", StringComparison.Ordinal));

    /// <summary>An input for reading: without the bytes of previews.</summary>
    public static JsonObject WithoutPreviews(JsonObject input) => (JsonObject)Map(input, static text => text, withPreviews: false)!;

    private static IEnumerable<string> Secrets(RunSnapshot run, RunPolicy policy)
    {
        var names = SecretNames(run, policy);
        return run.Input.Where(pair => names.Contains(pair.Key) || SecretFilter.IsSecretName(pair.Key)).SelectMany(pair => Texts(pair.Value))
            .Where(text => text.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(text => text.Length);
    }

    private static JsonObject RedactNamed(JsonObject input, RunSnapshot run, RunPolicy policy)
    {
        var names = SecretNames(run, policy);
        foreach (var name in input.Select(pair => pair.Key).Where(name => names.Contains(name) || SecretFilter.IsSecretName(name)).ToList())
        {
            input[name] = SecretFilter.Hidden;
        }

        return input;
    }

    private static HashSet<string> SecretNames(RunSnapshot run, RunPolicy policy)
    {
        var names = policy.SecretVariables.ToHashSet(StringComparer.Ordinal);
        if (run.Content is { } content && DotpromptDocument.Parse(content).Metadata.Input?["schema"] is JsonObject schema)
        {
            names.UnionWith((schema["properties"] as JsonObject ?? []).Where(pair => pair.Value is JsonObject property && IsSecret(property)).Select(pair => pair.Key));
        }

        return names;
    }

    private static bool IsSecret(JsonObject property) =>
        (property["writeOnly"] is JsonValue flag && flag.TryGetValue(out bool isSecret) && isSecret) || (property["format"] is JsonValue format && format.TryGetValue(out string? name) && name == "password");

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(pair => Texts(pair.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value => [value.ToString()],
        _ => [],
    };

    private static JsonNode? Map(JsonNode? node, Func<string, string> change, bool withPreviews) => node switch
    {
        JsonObject media when KeptMedia.Find(media) is { } kept => withPreviews ? media.DeepClone()
            : new JsonObject { [KeptMedia.Marker] = new JsonObject(kept.Where(pair => pair.Key != "preview").Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))) },
        JsonObject map => new JsonObject(map.Select(pair => KeyValuePair.Create(pair.Key, Map(pair.Value, change, withPreviews)))),
        JsonArray list => new JsonArray([.. list.Select(item => Map(item, change, withPreviews))]),
        JsonValue value when value.TryGetValue(out string? text) => change(text),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && change(value.ToJsonString()) is var number && number != value.ToJsonString() => number,
        _ => node?.DeepClone(),
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

    [GeneratedRegex(@"data:(?<type>[\w.+\-]{1,60}/[\w.+\-]{1,60})?(?:;[\w=.\-]{1,60})*;base64,(?<data>[A-Za-z0-9+/=]+)", RegexOptions.CultureInvariant)]
    private static partial Regex DataUrl();
}
