using System.Globalization;

namespace Portal.ApiServer.Bench;

/// <summary>Rows of a Markdown table: what was measured, the value, the budget it has, and what to know about it.</summary>
internal sealed class Report
{
    private readonly List<(string What, string Measured, string Budget, string Met, string Note)> _rows = [];

    /// <summary>A value that must be at least, or with <paramref name="atMost"/> at most, the budget.</summary>
    public void Add(string what, double value, double budget, string unit, bool atMost, string note = "")
    {
        var met = atMost ? value <= budget : value >= budget;
        Add(what, $"{Text(value)} {unit}", $"{(atMost ? "≤" : "≥")} {Text(budget)} {unit}", met ? "yes" : "NO", note);
    }

    /// <summary>A value for comparison, without a budget.</summary>
    public void Add(string what, double value, string unit, string note = "") => Add(what, $"{Text(value)} {unit}", "", "", note);

    public void Print(string title, string machine)
    {
        Console.WriteLine($"# {title}");
        Console.WriteLine();
        Console.WriteLine(machine);
        Console.WriteLine();
        Console.WriteLine("| What | Measured | Budget | Met | Note |");
        Console.WriteLine("|---|---:|---:|---|---|");
        foreach (var (what, measured, budget, met, note) in _rows)
        {
            Console.WriteLine($"| {what} | {measured} | {budget} | {met} | {note} |");
        }
    }

    private void Add(string what, string measured, string budget, string met, string note)
    {
        _rows.Add((what, measured, budget, met, note));
        Console.Error.WriteLine($"  {what}: {measured} {note}");
    }

    private static string Text(double value) => value.ToString(value < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture);
}
