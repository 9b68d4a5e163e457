using System.Globalization;
using System.Text;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Features.Prices;

/// <summary>
/// Prices as a table: a line a price, money for a million tokens. A line with <c>tier_above_input_tokens</c> belongs to the line of the same model and time
/// before it.
/// </summary>
internal static class PriceCsv
{
    private static readonly string[] s_columns =
    [
        "provider", "model", "valid_from", "currency", "input", "output", "cached_input", "cache_write", "cache_write_1h", "reasoning", "input_audio", "output_audio",
        "cached_audio", "input_image", "output_image", "per_request", "batch_discount_percent", "tier_above_input_tokens", "note",
    ];

    private static readonly string[] s_required = ["provider", "model", "input", "output"];

    public static string Write(IEnumerable<Price> prices)
    {
        var text = new StringBuilder().AppendJoin(',', s_columns).Append('\n');
        foreach (var form in prices.Select(PriceForm.Of))
        {
            WriteLine(text, form, form.PerMillion!, tier: null);
            foreach (var tier in form.Tiers)
            {
                WriteLine(text, form, tier.PerMillion!, tier.AboveInputTokens);
            }
        }

        return text.ToString();
    }

    /// <exception cref="FormatException">It is no such table; names the line.</exception>
    public static PriceImport Read(string text, DateTimeOffset validFrom, DateTimeOffset now)
    {
        using var records = Csv.Read(text).GetEnumerator();
        if (!records.MoveNext())
        {
            throw new FormatException("The file is empty.");
        }

        var names = records.Current.Fields.ConvertAll(name => name.Trim().ToLowerInvariant());
        if (names.Find(name => !s_columns.Contains(name)) is { } unknown)
        {
            throw new FormatException($"line 1: there is no column \"{(unknown.Length > 40 ? unknown[..40] + "…" : unknown)}\"; the columns are {string.Join(", ", s_columns)}.");
        }

        if (Array.Find(s_required, name => !names.Contains(name)) is { } missing)
        {
            throw new FormatException($"line 1: the column {missing} is missing.");
        }

        List<(int Line, PriceForm Form)> forms = [];
        List<PriceImportLine> lines = [];
        while (records.MoveNext())
        {
            var (line, fields) = records.Current;
            var (form, tier, problem) = FormOf(new Fields(names, fields), validFrom);
            if (problem is null && tier is not null)
            {
                var place = forms.FindIndex(item => (item.Form.Provider, item.Form.Model, item.Form.ValidFrom) == (form.Provider, form.Model, form.ValidFrom));
                if (place >= 0)
                {
                    forms[place] = (forms[place].Line, forms[place].Form with { Tiers = [.. forms[place].Form.Tiers, tier] });
                    continue;
                }

                problem = "tier_above_input_tokens: there is no line of the same model and time before it";
            }

            if (problem is null)
            {
                forms.Add((line, form));
            }
            else
            {
                lines.Add(new PriceImportLine($"line {line}", null, problem, IsWrong: true));
            }
        }

        return Check(forms, lines, now);
    }

    private static PriceImport Check(List<(int Line, PriceForm Form)> forms, List<PriceImportLine> lines, DateTimeOffset now)
    {
        List<Price> prices = [];
        foreach (var (line, form) in forms)
        {
            var (price, problems) = PriceCheck.Read(form, now);
            var problem = price is null ? $"{problems[0].Field}: {problems[0].Message}" : PriceCheck.FindConflict(price, prices) is { } conflict ? $"{conflict.Field}: {conflict.Message}" : null;
            lines.Add(new PriceImportLine($"line {line}", problem is null ? $"{price!.Provider}/{price.Model}" : null, problem, IsWrong: problem is not null));
            if (problem is null)
            {
                prices.Add(price!);
            }
        }

        return new PriceImport("csv", prices, lines);
    }

    private static (PriceForm Form, TierForm? Tier, string? Problem) FormOf(Fields fields, DateTimeOffset validFrom)
    {
        var rates = new RatesForm
        {
            Input = fields.Number("input"),
            Output = fields.Number("output"),
            CachedInput = fields.Number("cached_input"),
            CacheWrite = fields.Number("cache_write"),
            CacheWriteHour = fields.Number("cache_write_1h"),
            Reasoning = fields.Number("reasoning"),
            InputAudio = fields.Number("input_audio"),
            OutputAudio = fields.Number("output_audio"),
            CachedAudio = fields.Number("cached_audio"),
            InputImage = fields.Number("input_image"),
            OutputImage = fields.Number("output_image"),
        };
        var form = new PriceForm
        {
            Provider = fields.Text("provider"),
            Model = fields.Text("model"),
            ValidFrom = fields.Time("valid_from") ?? validFrom,
            Currency = fields.Text("currency")?.ToUpperInvariant() ?? Cost.Dollars,
            PerMillion = rates,
            PerRequest = fields.Number("per_request") ?? 0,
            BatchDiscountPercent = fields.Number("batch_discount_percent") ?? 0,
            Note = fields.Text("note"),
        };
        var tier = fields.Number("tier_above_input_tokens") is { } above ? new TierForm { AboveInputTokens = (long)Math.Clamp(above, 0, long.MaxValue / 2), PerMillion = rates } : null;
        return (form, tier, fields.Problem);
    }

    private static void WriteLine(StringBuilder text, PriceForm form, RatesForm rates, long? tier)
    {
        string?[] fields =
        [
            form.Provider, form.Model, form.ValidFrom!.Value.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), form.Currency,
            .. rates.All.Select(rate => Number(rate.Amount)),
            tier is null && form.PerRequest != 0 ? Number(form.PerRequest) : null, tier is null && form.BatchDiscountPercent != 0 ? Number(form.BatchDiscountPercent) : null,
            tier?.ToString(CultureInfo.InvariantCulture), tier is null ? form.Note : null,
        ];
        text.AppendJoin(',', fields.Select(Quoted)).Append('\n');
    }

    private static string? Number(decimal? value) => value?.ToString("0.#########", CultureInfo.InvariantCulture);

    // A spreadsheet takes what begins like this for a formula.
    private static string Quoted(string? field) => field switch
    {
        null => "",
        ['=' or '+' or '@' or '\t', ..] => $"\"'{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ when field.AsSpan().IndexOfAny(",\"\r\n") >= 0 => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        _ => field,
    };

    /// <summary>The fields of a line by name; the first that cannot be read is its problem.</summary>
    private sealed class Fields(List<string> names, List<string> values)
    {
        public string? Problem { get; private set; } = values.Count > names.Count ? $"has {values.Count} fields, and there are {names.Count} columns" : null;

        public string? Text(string name)
        {
            var index = names.IndexOf(name);
            return index >= 0 && index < values.Count && values[index].Trim() is { Length: > 0 } text ? text : null;
        }

        public decimal? Number(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            Problem ??= $"{name}: \"{Cut(text)}\" is no number such as 2.5";
            return null;
        }

        public DateTimeOffset? Time(string name)
        {
            if (Text(name) is not { } text)
            {
                return null;
            }

            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                return time;
            }

            Problem ??= $"{name}: \"{Cut(text)}\" is no time such as 2026-01-01T00:00:00Z";
            return null;
        }

        private static string Cut(string text) => text.Length > 40 ? text[..40] + "…" : text;
    }
}
