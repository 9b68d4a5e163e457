using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Portal.Features.Runs;

/// <summary>Which runs. Every member is a parameter of the page's address and of the REST API.</summary>
public sealed record RunFilter
{
    /// <summary>Words in input, answer, note or prompt; any case.</summary>
    public string? Search { get; init; }

    public string? Prompt { get; init; }

    /// <summary>Of <see cref="Prompt"/>.</summary>
    public int? Revision { get; init; }

    /// <summary>Of a model's name.</summary>
    public string? Model { get; init; }

    public string? User { get; init; }

    /// <summary><c>Running</c>, <c>Completed</c>, <c>Stopped</c> or <c>Failed</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary><c>playground</c> or <c>flow</c>.</summary>
    public string? Source { get; init; }

    /// <summary>UTC.</summary>
    public DateTime? From { get; init; }

    /// <summary>UTC; up to, without it.</summary>
    public DateTime? To { get; init; }

    public bool Starred { get; init; }

    /// <param name="value">Gives a parameter by its name; null or empty when it is not there.</param>
    public static (RunFilter Filter, string? Error) Parse(Func<string, string?> value)
    {
        string? Text(string name) => value(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        DateTime? Time(string name) => DateTime.TryParse(Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time) ? time : null;
        var filter = new RunFilter
        {
            Search = Text("q"),
            Prompt = Text("prompt"),
            Revision = int.TryParse(Text("revision"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : null,
            Model = Text("model"),
            User = Text("user"),
            Outcome = Text("outcome"),
            Source = Text("source"),
            From = Time("from"),
            To = Time("to"),
            Starred = Text("starred") is "1" or "true",
        };
        var error = Text("revision") is not null && filter.Revision is null ? "revision must be a number."
            : filter.Revision is not null && filter.Prompt is null ? "revision takes a prompt too."
            : Text("from") is not null && filter.From is null ? "from must be a time such as 2030-01-31T12:00."
            : Text("to") is not null && filter.To is null ? "to must be a time such as 2030-01-31T12:00."
            : filter.Outcome is not (null or "Running" or "Completed" or "Stopped" or "Failed") ? "outcome must be Running, Completed, Stopped or Failed."
            : filter.Source is not (null or "playground" or "flow") ? "source must be playground or flow."
            : null;
        return (filter, error);
    }

    /// <summary>As the query of an address, with its question mark; empty for all runs.</summary>
    public string ToQuery()
    {
        static string? Time(DateTime? time) => time?.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        return QueryHelpers.AddQueryString("", new Dictionary<string, string?>
        {
            ["q"] = Search,
            ["prompt"] = Prompt,
            ["revision"] = Revision?.ToString(CultureInfo.InvariantCulture),
            ["model"] = Model,
            ["user"] = User,
            ["outcome"] = Outcome,
            ["source"] = Source,
            ["from"] = Time(From),
            ["to"] = Time(To),
            ["starred"] = Starred ? "1" : null,
        }.Where(pair => pair.Value is not null));
    }
}
