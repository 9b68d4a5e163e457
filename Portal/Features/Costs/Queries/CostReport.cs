namespace Portal.Features.Costs.Queries;

/// <summary>The answer to a <see cref="CostQuery"/>. Its rows add up to its total, and the points of a row to the row.</summary>
public sealed record CostReport
{
    public required CostQuery Query { get; init; }

    /// <summary>What rows are compared in; <c>USD</c> when nothing has a price.</summary>
    public required string Currency { get; init; }

    /// <summary>One for each value of the dimension, the dearest first.</summary>
    public required IReadOnlyList<CostRow> Rows { get; init; }

    public required CostFigures Total { get; init; }

    /// <summary>Calls and costs of the window before; the other sums of it are not made.</summary>
    public required CostFigures TotalBefore { get; init; }

    /// <summary>The columns of the chart, in order.</summary>
    public required IReadOnlyList<BucketSpan> Spans { get; init; }

    /// <summary>Whether an end of the window was moved to a full hour, because single calls are not kept that long.</summary>
    public bool IsRounded { get; init; }

    /// <summary>A row's part of the total amount, from 0 to 1; null when the total is nothing.</summary>
    public double? ShareOf(CostRow row) => Total.NanosIn(Currency) is var all and > 0 ? (double)row.Now.NanosIn(Currency) / all : null;
}

/// <summary>One value of the dimension.</summary>
/// <param name="Value">Empty where calls say none.</param>
/// <param name="Before">Calls and costs only.</param>
/// <param name="Points">Of each span of the report.</param>
public sealed record CostRow(string Value, CostFigures Now, CostFigures Before, IReadOnlyList<CostPoint> Points)
{
    /// <summary>By how much of what it was it grew: 0.5 is half more. Null when there was nothing before.</summary>
    public double? ChangeIn(string currency) => Change(Now.NanosIn(currency), Before.NanosIn(currency));

    public static double? Change(long now, long before) => before == 0 ? null : (double)(now - before) / before;
}

/// <summary>A row within one span.</summary>
/// <param name="Nanos">In the report's currency.</param>
public readonly record struct CostPoint(long Nanos, long Calls, long Tokens);

/// <summary>Sums with an amount for each currency.</summary>
public sealed record CostFigures(CostSums Sums, IReadOnlyList<Money> Costs)
{
    public static CostFigures Nothing { get; } = new(new CostSums(), []);

    public long NanosIn(string currency) => Costs.Where(cost => cost.Currency == currency).Sum(cost => cost.Nanos);

    /// <summary>Of a call that has a price; null when none has.</summary>
    public Money? PerCall(string currency) =>
        Sums.Calls - Sums.Unpriced is var priced and > 0 ? new Money(NanosIn(currency) / priced, currency) : null;
}
