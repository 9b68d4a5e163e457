using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Reconcile;

/// <summary>
/// Reads usage and cost exports of providers: what OpenAI's usage and costs addresses and Anthropic's usage and cost reports answer (JSON, one page or
/// several in a list), and tables (CSV): exports of OpenAI, Anthropic, Google Cloud and Azure, and any other with columns for the day, the model, tokens and cost.
/// </summary>
public static class InvoiceReader
{
    public const int LargestFile = 5 * 1024 * 1024;
    public const int MostRows = 100_000;
    public const int MostModels = 1_000;
    private const int MostProblems = 20;

    /// <summary>No number of tokens and no amount reaches this; all rows of a file together are still counted exactly.</summary>
    internal const long TooMany = 10_000_000_000_000;

    /// <summary>An invoice, or what is wrong with the text; never both.</summary>
    public static (Invoice? Invoice, IReadOnlyList<InvoiceProblem> Problems) Read(string text, InvoiceOptions options)
    {
        if (text.Length > LargestFile)
        {
            return Refuse($"It has {text.Length / 1024 / 1024.0:0.#} MB; at most {LargestFile / 1024 / 1024} are read. Export fewer days at a time.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return Refuse("There is nothing in it. Paste the export, or choose its file.");
        }

        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return Refuse("It is no text. Unpack archives and save spreadsheets as CSV first.");
        }

        if (text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n') is ['<', ..])
        {
            return Refuse("It is a web page, not an export: sign in at the provider and download the file again.");
        }

        var problems = new List<InvoiceProblem>();
        var invoice = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n') is ['{' or '[', ..] ? InvoiceJson.Read(text, problems) : InvoiceTable.Read(text.TrimStart('\uFEFF'), options, problems);
        if (problems.Count == 0 && invoice is not null && Wrong(invoice) is { } wrong)
        {
            problems.Add(wrong);
        }

        if (problems.Count > MostProblems)
        {
            problems = [.. problems.Take(MostProblems), new InvoiceProblem(null, $"And {problems.Count - MostProblems} more.")];
        }

        return problems.Count > 0 || invoice is null ? (null, problems) : (invoice with { Lines = Sum(invoice.Lines) }, []);
    }

    private static (Invoice?, IReadOnlyList<InvoiceProblem>) Refuse(string message) => (null, [new InvoiceProblem(null, message)]);

    private static InvoiceProblem? Wrong(Invoice invoice)
    {
        if (invoice.Lines.Count == 0)
        {
            return new InvoiceProblem(null, $"No usage is in it ({invoice.Kind}).{string.Concat(invoice.Notes.Select(note => " " + note))}");
        }

        var days = invoice.Lines.Max(line => line.Day).DayNumber - invoice.Lines.Min(line => line.Day).DayNumber + 1;
        return days > CostBuckets.MostDays ? new InvoiceProblem(null, $"It spans {days} days; at most {CostBuckets.MostDays} are compared at a time.")
            : invoice.Lines.Select(line => line.Model).Distinct().Count() is var models and > MostModels ? new InvoiceProblem(null, $"It names {models} models; at most {MostModels} are compared.")
            : invoice.Lines.Where(line => line.Currency.Length > 0).Select(line => line.Currency).Distinct().Count() > 1 ? new InvoiceProblem(null, "It has amounts in several currencies, which cannot be added. Compare one at a time.")
            : null;
    }

    private static IReadOnlyList<InvoiceLine> Sum(IReadOnlyList<InvoiceLine> lines) =>
    [
        .. lines.GroupBy(line => (line.Day, line.Model)).Select(group => new InvoiceLine(
            group.Key.Day, group.Key.Model,
            group.All(line => line.Tokens is null) ? null : group.Sum(line => line.Tokens ?? 0),
            group.All(line => line.Cost is null) ? null : group.Sum(line => line.Cost ?? 0),
            group.Select(line => line.Currency).FirstOrDefault(currency => currency.Length > 0) ?? ""))
        .OrderBy(line => line.Day).ThenBy(line => line.Model, StringComparer.Ordinal),
    ];
}
