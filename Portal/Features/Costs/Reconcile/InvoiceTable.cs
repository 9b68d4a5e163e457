using System.Globalization;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Features.Costs.Reconcile;

/// <summary>Reads tables (CSV). Its columns are found by the names that exports give them, or as the reader says.</summary>
public static class InvoiceTable
{
    private const string Day = "day";
    private const string Model = "model";
    private const string Tokens = "tokens";
    private const string Input = "input tokens";
    private const string Output = "output tokens";
    private const string Cost = "cost";
    private const string Currency = "currency";

    // First come the names of the exports of OpenAI and Google Cloud.
    private static readonly Dictionary<string, string[]> s_names = new()
    {
        [Day] = ["start_time_iso", "start_time", "usage start date", "usage_start_time", "usage_date", "day", "date", "time", "timestamp", "starting_at", "usage_date_utc"],
        [Model] = ["model", "line_item", "sku description", "sku.description", "sku_description", "sku", "model_version", "model name"],
        [Tokens] = ["tokens", "total_tokens", "total tokens"],
        [Input] = ["input_tokens", "input tokens", "prompt_tokens", "n_context_tokens_total", "usage_input_tokens"],
        [Output] = ["output_tokens", "output tokens", "completion_tokens", "n_generated_tokens_total", "usage_output_tokens"],
        [Cost] = ["amount_value", "cost", "cost ($)", "cost_usd", "cost (usd)", "amount", "subtotal ($)", "subtotal", "spend"],
        [Currency] = ["amount_currency", "currency"],
    };

    private static readonly string[] s_days = ["yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd"];

    /// <summary>What a table can say. The day and the model are needed, and either cost or tokens.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. s_names.Keys];

    /// <summary>The names in the first line; empty when it cannot be read.</summary>
    public static IReadOnlyList<string> HeaderOf(string text)
    {
        try
        {
            return Csv.Read(text.TrimStart('\uFEFF')).FirstOrDefault().Fields ?? [];
        }
        catch (FormatException)
        {
            return [];
        }
    }

    internal static Invoice? Read(string text, InvoiceOptions options, List<InvoiceProblem> problems)
    {
        try
        {
            return Read(Csv.Read(text), options, problems);
        }
        catch (FormatException exception)
        {
            problems.Add(new InvoiceProblem(null, $"It is no table: {exception.Message}."));
            return null;
        }
    }

    private static Invoice? Read(IEnumerable<(int Line, List<string> Fields)> records, InvoiceOptions options, List<InvoiceProblem> problems)
    {
        using var record = records.GetEnumerator();
        if (!record.MoveNext())
        {
            problems.Add(new InvoiceProblem(null, "There is no first line with the names of the columns."));
            return null;
        }

        var header = record.Current.Fields;
        var places = s_names.ToDictionary(field => field.Key, field => PlaceOf(header, field.Key, field.Value, options.Columns));
        if (Missing(header, places) is { } missing)
        {
            problems.Add(new InvoiceProblem(record.Current.Line, missing));
            return null;
        }

        var isGoogle = header.Exists(name => name.Contains("sku", StringComparison.OrdinalIgnoreCase));
        var (lines, others, rows) = (new List<InvoiceLine>(), 0, 0);
        while (record.MoveNext())
        {
            if (++rows > InvoiceReader.MostRows)
            {
                problems.Add(new InvoiceProblem(record.Current.Line, $"more than {InvoiceReader.MostRows:N0} rows: export fewer days, or by day instead of by hour."));
                return null;
            }

            try
            {
                if (LineOf(new Row(record.Current.Fields, places, header), options.Zone, isGoogle) is { } line)
                {
                    lines.Add(line);
                }
                else
                {
                    others++;
                }
            }
            catch (FormatException exception)
            {
                problems.Add(new InvoiceProblem(record.Current.Line, exception.Message));
            }
        }

        var provider = isGoogle ? "googleai" : header.Contains("num_model_requests") || header.Contains("amount_value") ? "openai" : null;
        var kind = isGoogle ? "Google Cloud billing, CSV" : provider is not null ? "OpenAI export, CSV" : "Table, CSV";
        return new Invoice(kind, provider, lines, others > 0 ? [$"{others:N0} rows are of other services or sums, and are left out."] : []);
    }

    private static int? PlaceOf(List<string> header, string field, string[] usual, IReadOnlyDictionary<string, string> chosen)
    {
        var names = chosen.TryGetValue(field, out var own) && own.Length > 0 ? [own] : usual;
        return names.Select(name => header.FindIndex(column => column.Trim().Equals(name, StringComparison.OrdinalIgnoreCase))).Cast<int?>().FirstOrDefault(place => place >= 0);
    }

    private static string? Missing(List<string> header, Dictionary<string, int?> places)
    {
        var found = $"The columns are {string.Join(", ", header.Take(30).Select(name => $"“{Short(name.Trim())}”"))}: say below which it is.";
        return header is [var only] && (only.Contains(';', StringComparison.Ordinal) || only.Contains('\t', StringComparison.Ordinal)) ? "its columns are not separated by commas. Save it with commas."
            : places[Day] is null ? $"there is no column for the day. {found}"
            : places[Model] is null ? $"there is no column for the model. {found}"
            : places[Cost] is null && places[Tokens] is null && places[Input] is null && places[Output] is null ? $"there is no column for cost or tokens. {found}"
            : null;
    }

    private static InvoiceLine? LineOf(Row row, TimeZoneInfo zone, bool isGoogle)
    {
        var name = row.Text(Model);
        var model = isGoogle ? GoogleSku.ModelOf(name) : name.Split(',')[0].Trim();
        if (model is not { Length: > 0 } || row.Text(Day).Length == 0)
        {
            return null;
        }

        var tokens = row.Whole(Tokens);
        var parts = (Input: row.Whole(Input), Output: row.Whole(Output));
        return new InvoiceLine(
            DayOf(row.Text(Day), zone), model, tokens ?? (parts is (null, null) ? null : (parts.Input ?? 0) + (parts.Output ?? 0)), row.Amount(Cost), row.Text(Currency).ToUpperInvariant());
    }

    private static DateOnly DayOf(string text, TimeZoneInfo zone)
    {
        if (DateOnly.TryParseExact(text, s_days, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 100_000_000 and < 7_258_118_400)
        {
            return DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(seconds), zone).DateTime);
        }

        return text.Length > 10 && text[4] == '-' && DateTimeOffset.TryParse(text.Replace(" UTC", "Z", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime)
            : throw new FormatException($"“{Short(text)}” is no day; write it as 2026-03-29.");
    }

    private static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private sealed record Row(List<string> Values, Dictionary<string, int?> Places, List<string> Header)
    {
        public string Text(string field) => Places[field] is { } place && place < Values.Count ? Values[place].Trim() : "";

        public long? Whole(string field)
        {
            if (Amount(field) is not { } amount)
            {
                return null;
            }

            return amount >= 0 && amount < 1_000_000_000_000_000 && decimal.Truncate(amount) == amount
                ? (long)amount : throw new FormatException($"“{Short(Text(field))}” in the column “{Header[Places[field]!.Value].Trim()}” is no number of tokens.");
        }

        public decimal? Amount(string field)
        {
            var text = Text(field).TrimStart('$', '€', '£');
            return text.Length == 0 ? null
                : decimal.TryParse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var amount) ? amount
                : throw new FormatException($"“{Short(Text(field))}” in the column “{Header[Places[field]!.Value].Trim()}” is no number.");
        }
    }
}
