using System.Text.RegularExpressions;

namespace Portal.Features.Prices;

/// <summary>
/// Reads LiteLLM's <c>model_prices_and_context_window.json</c>: an object of models, money for one token. Only models that chat, of providers that flows can
/// use; what an entry charges for beyond tokens and requests is told in the report.
/// </summary>
internal static partial class LiteLlmPrices
{
    private static readonly Dictionary<string, string> s_providers = new(StringComparer.Ordinal)
    {
        ["openai"] = "openai",
        ["anthropic"] = "anthropic",
        ["gemini"] = "googleai",
        ["vertex_ai"] = "vertexai",
        ["vertex_ai-language-models"] = "vertexai",
        ["vertex_ai-anthropic_models"] = "vertexai",
        ["bedrock"] = "bedrock",
        ["bedrock_converse"] = "bedrock",
        ["azure"] = "azureaifoundry",
        ["azure_ai"] = "azureaifoundry",
        ["ollama"] = "ollama",
    };

    /// <summary>Their names for the classes, before what they say of tiers.</summary>
    private static readonly string[] s_known =
    [
        "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost",
        "cache_creation_input_token_cost_above_1hr", "output_cost_per_reasoning_token", "input_cost_per_audio_token", "output_cost_per_audio_token",
        "cache_read_input_audio_token_cost", "input_cost_per_image_token", "output_cost_per_image_token", "input_cost_per_request",
        "input_cost_per_token_batches", "output_cost_per_token_batches",
    ];

    /// <exception cref="FormatException">It is no such file.</exception>
    public static PriceImport Read(string text, DateTimeOffset validFrom, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            List<Price> prices = [];
            List<PriceImportLine> lines = [];
            HashSet<(string, string)> seen = [];
            foreach (var entry in document.RootElement.EnumerateObject().Where(static entry => entry.Name != "sample_spec"))
            {
                var (price, line) = Read(Cut(entry.Name), entry.Value, validFrom, now);
                if (price is not null && !seen.Add((price.Provider, price.Model)))
                {
                    (price, line) = (null, line with { To = null, Message = $"is {line.To} once more; the first one was taken" });
                }

                lines.Add(line);
                if (price is not null)
                {
                    prices.Add(price);
                }
            }

            return new PriceImport("litellm", prices, lines);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The file is no JSON: line {exception.LineNumber + 1}, position {exception.BytePositionInLine + 1}.", exception);
        }
    }

    private static (Price? Price, PriceImportLine Line) Read(string name, JsonElement entry, DateTimeOffset validFrom, DateTimeOffset now)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return (null, new PriceImportLine(name, null, "is no object", IsWrong: true));
        }

        if (Text(entry, "litellm_provider") is not { } said || !s_providers.TryGetValue(said, out var provider))
        {
            return (null, new PriceImportLine(name, null, $"litellm_provider {Text(entry, "litellm_provider") ?? "is missing"}: flows cannot use it"));
        }

        if (Text(entry, "mode") is { } mode and not ("chat" or "completion" or "responses"))
        {
            return (null, new PriceImportLine(name, null, $"mode {mode}: only models that chat have a place here"));
        }

        var model = name[(name.LastIndexOf('/') + 1)..];
        try
        {
            var form = FormOf(entry, "", provider, model, validFrom);
            var tiers = TiersOf(entry).Select(tier => new TierForm { AboveInputTokens = tier.Above, PerMillion = RatesOf(entry, tier.Suffix, form.PerMillion) }).OrderBy(tier => tier.AboveInputTokens);
            var (price, problems) = PriceCheck.Read(form with { Tiers = [.. tiers] }, now);
            return price is null
                ? (null, new PriceImportLine(name, null, $"{problems[0].Field}: {problems[0].Message}", IsWrong: true))
                : (price, new PriceImportLine(name, $"{provider}/{model}", LeftOut(entry)));
        }
        catch (FormatException exception)
        {
            return (null, new PriceImportLine(name, null, exception.Message, IsWrong: true));
        }
    }

    private static PriceForm FormOf(JsonElement entry, string suffix, string provider, string model, DateTimeOffset validFrom)
    {
        var rates = RatesOf(entry, suffix, null);
        var batch = Money(entry, "input_cost_per_token_batches");
        return new PriceForm
        {
            Provider = provider,
            Model = model,
            ValidFrom = validFrom,
            PerMillion = rates,
            PerRequest = (Money(entry, "input_cost_per_request") ?? 0) / 1_000_000m,
            BatchDiscountPercent = batch is { } reduced && rates.Input > 0 && reduced <= rates.Input ? decimal.Round((1 - (reduced / rates.Input.Value)) * 100, 2) : 0,
            Note = "LiteLLM",
        };
    }

    /// <param name="whole">What a tier does not say is as without it.</param>
    private static RatesForm RatesOf(JsonElement entry, string suffix, RatesForm? whole) => new()
    {
        Input = Money(entry, "input_cost_per_token" + suffix) ?? whole?.Input,
        Output = Money(entry, "output_cost_per_token" + suffix) ?? whole?.Output,
        CachedInput = Money(entry, "cache_read_input_token_cost" + suffix) ?? whole?.CachedInput,
        CacheWrite = Money(entry, "cache_creation_input_token_cost" + suffix) ?? whole?.CacheWrite,
        CacheWriteHour = Money(entry, "cache_creation_input_token_cost_above_1hr" + suffix) ?? whole?.CacheWriteHour,
        Reasoning = Money(entry, "output_cost_per_reasoning_token" + suffix) ?? whole?.Reasoning,
        InputAudio = Money(entry, "input_cost_per_audio_token" + suffix) ?? whole?.InputAudio,
        OutputAudio = Money(entry, "output_cost_per_audio_token" + suffix) ?? whole?.OutputAudio,
        CachedAudio = Money(entry, "cache_read_input_audio_token_cost" + suffix) ?? whole?.CachedAudio,
        InputImage = Money(entry, "input_cost_per_image_token" + suffix) ?? whole?.InputImage,
        OutputImage = Money(entry, "output_cost_per_image_token" + suffix) ?? whole?.OutputImage,
    };

    private static IEnumerable<(long Above, string Suffix)> TiersOf(JsonElement entry) => entry.EnumerateObject()
        .Select(field => Tier().Match(field.Name))
        .Where(match => match.Success && s_known.Contains(match.Groups["class"].Value))
        .Select(match => (long.Parse(match.Groups["above"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) * 1_000, match.Groups["suffix"].Value))
        .Distinct();

    /// <summary>What the entry charges for and a price has no place for; null for nothing.</summary>
    private static string? LeftOut(JsonElement entry)
    {
        var left = entry.EnumerateObject()
            .Where(field => field.Name.Contains("cost", StringComparison.Ordinal) && !s_known.Contains(field.Name)
                && !(Tier().Match(field.Name) is { Success: true } match && s_known.Contains(match.Groups["class"].Value))
                && !(field.Value.ValueKind == JsonValueKind.Number && field.Value.GetDouble() == 0))
            .Select(field => field.Name).Take(8).ToList();
        return left.Count == 0 ? null : $"without {string.Join(", ", left)}";
    }

    /// <summary>For a million.</summary>
    private static decimal? Money(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        // Their numbers have digits that come from reckoning with binary fractions.
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Abs(number) < 1_000_000
            ? decimal.Round((decimal)number * 1_000_000m, 6)
            : throw new FormatException($"{name}: is no number");
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Cut(value.GetString()!) : null;

    private static string Cut(string text) => text.Length > 256 ? text[..256] : text;

    [GeneratedRegex(@"^(?<class>[a-z_1]+?)(?<suffix>_above_(?<above>[0-9]{1,6})k_tokens)\z")]
    private static partial Regex Tier();
}
