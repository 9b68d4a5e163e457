using System.Globalization;

namespace Portal.Features.Costs.Reconcile;

/// <summary>
/// Reads what the usage addresses of providers answer: pages of buckets, each with its results.
/// OpenAI: https://platform.openai.com/docs/api-reference/usage; Anthropic: https://docs.anthropic.com/en/api/admin-api/usage-cost.
/// </summary>
internal static class InvoiceJson
{
    private const decimal CentsOfDollar = 100m;

    public static Invoice? Read(string text, List<InvoiceProblem> problems)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text.TrimStart('\uFEFF'), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException exception)
        {
            problems.Add(new InvoiceProblem((int?)exception.LineNumber + 1, $"it is no JSON: {exception.Message.Split(" LineNumber")[0]}"));
            return null;
        }

        using (document)
        {
            var buckets = BucketsOf(document.RootElement).ToList();
            if (buckets.Count == 0)
            {
                problems.Add(new InvoiceProblem(null, "It is JSON, but holds no buckets: paste the whole answer, with its list \"data\" of buckets with \"results\"."));
                return null;
            }

            var isAnthropic = buckets.Exists(item => item.Bucket.TryGetProperty("starting_at", out _));
            var isCost = false;
            var lines = new List<InvoiceLine>();
            foreach (var (path, bucket) in buckets)
            {
                if (DayOf(bucket) is not { } day)
                {
                    problems.Add(new InvoiceProblem(null, $"{path} has neither start_time (seconds) nor starting_at (a time)."));
                    continue;
                }

                foreach (var (result, index) in Items(bucket, "results").Select((result, index) => (result, index)))
                {
                    try
                    {
                        var line = LineOf(day, result);
                        isCost |= line.Cost is not null;
                        lines.Add(line);
                    }
                    catch (FormatException exception)
                    {
                        problems.Add(new InvoiceProblem(null, $"{path}.results[{index}].{exception.Message}"));
                    }
                }
            }

            return new Invoice($"{(isAnthropic ? "Anthropic" : "OpenAI")} {(isCost ? "costs" : "usage")}, JSON", isAnthropic ? "anthropic" : "openai", lines, Notes(document.RootElement));
        }
    }

    private static IEnumerable<(string Path, JsonElement Bucket)> BucketsOf(JsonElement root)
    {
        // One page, a list of pages, or the buckets alone.
        var pages = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Select((page, index) => ($"[{index}]", page)) : [("", root)];
        foreach (var (path, page) in pages)
        {
            if (page.ValueKind == JsonValueKind.Object && page.TryGetProperty("results", out _))
            {
                yield return (path.TrimStart('.'), page);
            }

            foreach (var (bucket, index) in Items(page, "data").Select((bucket, index) => (bucket, index)).Where(item => item.bucket.ValueKind == JsonValueKind.Object))
            {
                yield return ($"{path}{(path.Length > 0 ? "." : "")}data[{index}]", bucket);
            }
        }
    }

    private static IReadOnlyList<string> Notes(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("has_more", out var more) && more.ValueKind == JsonValueKind.True
            ? ["The answer says that there are more pages (has_more): what is on them is missing here. Paste all pages as one list, or ask for more days a page."] : [];

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static DateOnly? DayOf(JsonElement bucket)
    {
        if (bucket.TryGetProperty("start_time", out var seconds) && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetInt64(out var number) && number is > 0 and < 7_258_118_400)
        {
            return DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(number).UtcDateTime);
        }

        return bucket.TryGetProperty("starting_at", out var start) && start.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(start.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? DateOnly.FromDateTime(time.UtcDateTime) : null;
    }

    private static InvoiceLine LineOf(DateOnly day, JsonElement result)
    {
        if (result.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("is no object");
        }

        var model = TextOf(result, "model") ?? TextOf(result, "line_item")?.Split(',')[0].Trim() ?? "";
        if (!result.TryGetProperty("amount", out var amount))
        {
            return new InvoiceLine(day, model, TokensOf(result), null);
        }

        // OpenAI's is an object in units of its currency, Anthropic's a text in hundredths.
        return amount.ValueKind == JsonValueKind.Object
            ? new InvoiceLine(day, model, null, Decimal(amount, "value"), TextOf(amount, "currency")?.ToUpperInvariant() ?? "")
            : new InvoiceLine(day, model, null, Decimal(result, "amount") / CentsOfDollar, TextOf(result, "currency")?.ToUpperInvariant() ?? "");
    }

    // Anthropic counts what is written to and read from the cache beside the rest, OpenAI within it; and sound beside text, unless it tells the parts of the whole.
    private static long TokensOf(JsonElement result)
    {
        string[] names = result.TryGetProperty("uncached_input_tokens", out _) ? ["uncached_input_tokens", "cache_read_input_tokens", "output_tokens"]
            : result.TryGetProperty("input_uncached_tokens", out _) ? ["input_tokens", "output_tokens"]
            : ["input_tokens", "output_tokens", "input_audio_tokens", "output_audio_tokens"];
        var tokens = names.Sum(name => Whole(result, name));
        return result.TryGetProperty("cache_creation", out var written) && written.ValueKind == JsonValueKind.Object
            ? tokens + Whole(written, "ephemeral_5m_input_tokens") + Whole(written, "ephemeral_1h_input_tokens") : tokens;
    }

    private static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Whole(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return 0;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number is >= 0 and < InvoiceReader.TooMany
            ? number : throw new FormatException($"{name} is no number of tokens");
    }

    private static decimal Decimal(JsonElement element, string name)
    {
        if (element.TryGetProperty(name, out var value))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && IsBilled(number))
            {
                return number;
            }

            if (value.ValueKind == JsonValueKind.String && decimal.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) && IsBilled(parsed))
            {
                return parsed;
            }
        }

        throw new FormatException($"{name} is no amount that anybody was billed");
    }

    private static bool IsBilled(decimal amount) => amount is > -InvoiceReader.TooMany and < InvoiceReader.TooMany;
}
