using System.Globalization;
using Portal.Runner.Evaluation.Datasets;

namespace Portal.Features.Costs.Reconcile;

/// <summary>
/// Reads tables: columns divided by commas, semicolons or tabs (what a spreadsheet copies), numbers with a point or a comma, and lines about the invoice above
/// the names of the columns.
/// </summary>
public static class InvoiceTable
{
    /// <summary>So many lines may stand above the names of the columns.</summary>
    private const int MostPreamble = 20;

    private static readonly string[] s_days = ["yyyy-MM-dd", "yyyy/MM/dd", "yyyyMMdd"];
    private static readonly string[] s_azureDays = ["MM/dd/yyyy", .. s_days];

    /// <inheritdoc cref="InvoiceColumns.Fields"/>
    public static IReadOnlyList<string> Fields => InvoiceColumns.Fields;

    /// <summary>The names of the columns; empty when they cannot be read.</summary>
    public static IReadOnlyList<string> HeaderOf(string text)
    {
        try
        {
            return Open(text, InvoiceOptions.Utc)?.Header ?? [];
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
            if (Open(text, options) is not { } table)
            {
                problems.Add(new InvoiceProblem(null, "There is no first line with the names of the columns."));
                return null;
            }

            if (table.Columns.Missing() is { } missing)
            {
                problems.Add(new InvoiceProblem(table.Line, missing));
                return null;
            }

            return Read(table, options, problems);
        }
        catch (FormatException exception)
        {
            problems.Add(new InvoiceProblem(null, $"It is no table: {exception.Message}."));
            return null;
        }
    }

    internal static string Short(string text) => text.Length > 40 ? text[..40] + "…" : text;

    /// <summary>Null when there is nothing in it.</summary>
    private static Table? Open(string text, InvoiceOptions options)
    {
        var separator = SeparatorOf(text);
        var records = Csv.Read(text, separator);
        (int Line, List<string> Fields)? first = null;
        foreach (var (line, fields) in records.Take(MostPreamble))
        {
            first ??= (line, fields);
            if (fields.Count > 1 && new InvoiceColumns(fields, options.Columns) is var columns && columns.Missing() is null)
            {
                return new Table(line, fields, columns, separator, records.SkipWhile(record => record.Line <= line));
            }
        }

        return first is { } top ? new Table(top.Line, top.Fields, new InvoiceColumns(top.Fields, options.Columns), separator, []) : null;
    }

    /// <summary>The one that is on the most of the first lines.</summary>
    private static char SeparatorOf(string text)
    {
        var counts = new Dictionary<char, int> { [','] = 0, [';'] = 0, ['\t'] = 0 };
        foreach (var line in text.AsSpan()[..Math.Min(text.Length, 20_000)].EnumerateLines())
        {
            foreach (var mark in counts.Keys)
            {
                counts[mark] = Math.Max(counts[mark], line.Count(mark));
            }
        }

        return counts.MaxBy(count => count.Value).Key;
    }

    private static Invoice? Read(Table table, InvoiceOptions options, List<InvoiceProblem> problems)
    {
        var columns = table.Columns;
        var records = table.Records.Take(InvoiceReader.MostRows + 1).ToList();
        if (records.Count > InvoiceReader.MostRows)
        {
            problems.Add(new InvoiceProblem(records[^1].Line, $"more than {InvoiceReader.MostRows:N0} rows: export fewer days, or by day instead of by hour."));
            return null;
        }

        int[] numbers = [.. columns[InvoiceColumns.Cost], .. columns[InvoiceColumns.Tokens], .. columns[InvoiceColumns.Input], .. columns[InvoiceColumns.Output]];
        var format = InvoiceNumbers.Of(records.SelectMany(record => numbers.Where(place => place < record.Fields.Count).Select(place => (record.Line, record.Fields[place].Trim()))), table.Separator);
        var isByModel = records.Exists(record => new Row(record.Fields, columns, format).Text(InvoiceColumns.Model).Length > 0);
        var (lines, others) = (new List<InvoiceLine>(), 0);
        foreach (var (line, fields) in records)
        {
            try
            {
                switch (LineOf(new Row(fields, columns, format), options.Zone, isByModel))
                {
                    case null:
                        others++;
                        break;
                    case { Tokens: null, Cost: null }: // a day on which there was nothing
                        break;
                    case { } known:
                        lines.Add(known);
                        break;
                }
            }
            catch (FormatException exception)
            {
                problems.Add(new InvoiceProblem(line, exception.Message));
            }
        }

        var (provider, kind) = KindOf(columns);
        return new Invoice(kind, provider, lines, others > 0 ? [$"{others:N0} rows are of other services or sums, and are left out."] : []);
    }

    private static (string? Provider, string Kind) KindOf(InvoiceColumns columns) =>
        columns.IsGoogle ? ("googleai", "Google Cloud billing, CSV")
        : columns.IsOpenAi ? ("openai", "OpenAI export, CSV")
        : columns.IsAnthropic ? ("anthropic", "Anthropic export, CSV")
        : columns.IsAzure ? ("azureaifoundry", "Azure cost export, CSV")
        : (null, "Table, CSV");

    private static InvoiceLine? LineOf(Row row, TimeZoneInfo zone, bool isByModel)
    {
        var (name, columns) = (row.Text(InvoiceColumns.Model), row.Columns);
        var model = columns.IsGoogle ? GoogleSku.ModelOf(name)
            : columns.IsAzure ? BilledNames.OfAzureMeter(name)
            : columns.IsAnthropic ? BilledNames.OfClaude(name)
            : name.Split(',')[0].Trim();
        if ((isByModel && model is not { Length: > 0 }) || row.Text(InvoiceColumns.Day).Length == 0)
        {
            return null;
        }

        var tokens = row.Whole(InvoiceColumns.Tokens);
        var parts = (Input: row.Whole(InvoiceColumns.Input), Output: row.Whole(InvoiceColumns.Output));
        var currency = row.Text(InvoiceColumns.Currency) is { Length: > 0 } said ? said : columns.CurrencyOfCost;
        return new InvoiceLine(
            DayOf(row.Text(InvoiceColumns.Day), zone, columns.IsAzure), model ?? "",
            tokens ?? (parts is (null, null) ? null : (parts.Input ?? 0) + (parts.Output ?? 0)), row.Amount(InvoiceColumns.Cost), currency.ToUpperInvariant());
    }

    private static DateOnly DayOf(string text, TimeZoneInfo zone, bool isAzure)
    {
        if (DateOnly.TryParseExact(text, isAzure ? s_azureDays : s_days, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
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

    /// <param name="Line">Of the names of the columns.</param>
    private sealed record Table(int Line, List<string> Header, InvoiceColumns Columns, char Separator, IEnumerable<(int Line, List<string> Fields)> Records);

    private sealed record Row(List<string> Values, InvoiceColumns Columns, InvoiceNumbers Numbers)
    {
        public string Text(string field) => Columns[field] is [var place, ..] && place < Values.Count ? Values[place].Trim() : "";

        /// <summary>Null when nothing is there.</summary>
        public long? Whole(string field) => Sum(field) switch
        {
            null => null,
            >= 0 and < InvoiceReader.TooMany and var amount when decimal.Truncate(amount) == amount => (long)amount,
            _ => throw new FormatException($"“{Short(Text(field))}” in the column “{Columns.NameOf(Columns[field][0])}” is no number of tokens."),
        };

        /// <summary>Null when nothing is there.</summary>
        public decimal? Amount(string field) => Sum(field) switch
        {
            null => null,
            > -InvoiceReader.TooMany and < InvoiceReader.TooMany and var amount => amount,
            _ => throw new FormatException($"“{Short(Text(field))}” in the column “{Columns.NameOf(Columns[field][0])}” is no amount that anybody was billed."),
        };

        private decimal? Sum(string field)
        {
            decimal? sum = null;
            foreach (var place in Columns[field])
            {
                if (place < Values.Count && Values[place].Trim() is { Length: > 0 } text)
                {
                    sum = (sum ?? 0) + (Numbers.Read(text) ?? throw new FormatException($"“{Short(text)}” in the column “{Columns.NameOf(place)}” is no number."));
                }
            }

            return sum;
        }
    }
}
