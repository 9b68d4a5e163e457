using System.Globalization;
using System.Text;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs;

/// <summary>Files for spreadsheets (RFC 4180) that none of them takes for formulas. A row with costs in two currencies is two lines.</summary>
internal static class CostCsv
{
    private const string Formula = "=+-@\t\r\n|%";

    private static readonly string[] s_sums =
    [
        "Calls", "Errors", "Unpriced", "Incomplete", "Requests", "InputTokens", "OutputTokens", "CachedInputTokens", "CacheWriteTokens", "CacheWriteHourTokens", "ReasoningTokens",
        "InputAudioTokens", "OutputAudioTokens", "CachedAudioTokens", "InputImageTokens", "OutputImageTokens",
    ];

    private static readonly string[] s_call =
    [
        "CallId", "StartedAt", "Source", "Environment", "Namespace", "Flow", "Prompt", "Revision", "Provider", "Model", "Caller", "Team", "Token", "Outcome",
        "InputTokens", "OutputTokens", "CachedInputTokens", "CacheWriteTokens", "ReasoningTokens", "DurationMs", "Cost", "Currency", "TraceId",
    ];

    public static string Of(CostReport report)
    {
        var text = new StringBuilder();
        Line(text, ["From", "To", report.Query.GroupBy.Title(), "Currency", "Cost", "CostBefore", "Share", "Change", .. s_sums]);
        foreach (var row in report.Rows)
        {
            var currencies = row.Now.Costs.Concat(row.Before.Costs).Select(cost => cost.Currency).Distinct().DefaultIfEmpty("").ToList();
            foreach (var currency in currencies)
            {
                var isFirst = currency == currencies[0];
                Line(text,
                [
                    report.Query.Window.From, report.Query.Window.To, row.Value, currency, row.Now.NanosIn(currency) / 1e9m, row.Before.NanosIn(currency) / 1e9m,
                    currency == report.Currency ? report.ShareOf(row) : null, row.ChangeIn(currency), .. isFirst ? ValuesOf(row.Now.Sums) : s_sums.Select(_ => (object?)null),
                ]);
            }
        }

        return text.ToString();
    }

    /// <summary>The first line of a file of calls.</summary>
    public static string CallHeader { get; } = string.Join(',', s_call.Select(Cell)) + "\r\n";

    /// <summary>A line for each call.</summary>
    public static string Of(IReadOnlyList<PricedCall> calls)
    {
        var text = new StringBuilder();
        foreach (var item in calls)
        {
            var call = item.Call;
            Line(text,
            [
                call.CallId, call.StartedAt, call.Source, call.Environment, call.Namespace, call.Flow, call.Prompt, call.Revision, call.Provider, call.Model, call.Caller, call.Team,
                call.Token, call.Outcome, call.InputTokens, call.OutputTokens, call.CachedInputTokens, call.CacheWriteTokens, call.ReasoningTokens,
                call.DurationMicroseconds / 1000.0, item.Cost?.Amount, item.Cost?.Currency, call.TraceId,
            ]);
        }

        return text.ToString();
    }

    private static IEnumerable<object?> ValuesOf(CostSums sums) =>
    [
        sums.Calls, sums.Errors, sums.Unpriced, sums.Incomplete, sums.Requests, sums.InputTokens, sums.OutputTokens, sums.CachedInputTokens, sums.CacheWriteTokens,
        sums.CacheWriteHourTokens, sums.ReasoningTokens, sums.InputAudioTokens, sums.OutputAudioTokens, sums.CachedAudioTokens, sums.InputImageTokens, sums.OutputImageTokens,
    ];

    private static void Line(StringBuilder text, IEnumerable<object?> values) => text.AppendJoin(',', values.Select(Cell)).Append("\r\n");

    // A spreadsheet takes a text that begins with one of these for a formula; after an apostrophe it is text. Numbers are numbers, also below zero.
    private static string Cell(object? value) => value switch
    {
        null or "" => "",
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ss.FFFZ", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        var other => $"\"{(Formula.Contains(other.ToString()![0], StringComparison.Ordinal) ? "'" : "")}{other.ToString()!.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
    };
}
