namespace Portal.Features.Costs.Reconcile;

/// <summary>What a provider says it counted, and what it takes for it, by day and model.</summary>
/// <param name="Kind">What the file was taken for, in words.</param>
/// <param name="Provider">Name of the provider here that such files are of; null when any could have written it.</param>
/// <param name="Lines">One for each day and model.</param>
/// <param name="Notes">What was left out, and why.</param>
public sealed record Invoice(string Kind, string? Provider, IReadOnlyList<InvoiceLine> Lines, IReadOnlyList<string> Notes);

/// <summary>A day of a model. What the file does not say is null.</summary>
/// <param name="Model">As the provider calls it; empty where the file does not tell models apart.</param>
/// <param name="Currency">Empty when the file does not say.</param>
public sealed record InvoiceLine(DateOnly Day, string Model, long? Tokens, decimal? Cost, string Currency = "");

/// <summary>What is wrong with a file.</summary>
/// <param name="Line">From 1; null when it is no one line.</param>
public sealed record InvoiceProblem(int? Line, string Message)
{
    public override string ToString() => Line is { } line ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Line {line}: {Message}") : Message;
}

/// <summary>How to read a file.</summary>
/// <param name="Zone">Whose days those of the file are, where it has days and no times.</param>
/// <param name="Columns">Name of the column for each of <see cref="InvoiceTable.Fields"/> that is not to be found by its usual names.</param>
public sealed record InvoiceOptions(TimeZoneInfo Zone, IReadOnlyDictionary<string, string> Columns)
{
    public static InvoiceOptions Utc { get; } = new(TimeZoneInfo.Utc, new Dictionary<string, string>());
}
