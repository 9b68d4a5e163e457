using System.Globalization;

namespace Portal.Features.Audit;

/// <summary>Which rows to show. It is the query of the page's address and of the REST API alike; null filters nothing.</summary>
public sealed record AuditFilter
{
    /// <summary>Exact id, or part of the name.</summary>
    public string? Actor { get; init; }

    /// <summary>Exact, or its beginning up to a dot: <c>release</c> is all of <c>release.*</c>.</summary>
    public string? Action { get; init; }
    public string? Kind { get; init; }
    public string? Namespace { get; init; }
    public string? Name { get; init; }
    public AuditResult? Result { get; init; }
    public AuditSource? Source { get; init; }
    public string? Correlation { get; init; }

    /// <summary>From this time on, UTC.</summary>
    public DateTime? From { get; init; }

    /// <summary>Before this time, UTC.</summary>
    public DateTime? To { get; init; }

    /// <summary>Reads a query; the first mistake is an error that names its field, and the fields with mistakes filter nothing.</summary>
    /// <param name="value">The value of a field, or null.</param>
    public static (AuditFilter Filter, string? Error) Parse(Func<string, string?> value)
    {
        List<string> errors = [];
        var filter = new AuditFilter
        {
            Actor = Text("actor"),
            Action = Text("action"),
            Kind = Text("kind"),
            Namespace = Text("namespace"),
            Name = Text("name"),
            Result = Word<AuditResult>("result"),
            Source = Word<AuditSource>("source"),
            Correlation = Text("correlation"),
            From = Time("from"),
            To = Time("to"),
        };
        return (filter, errors.FirstOrDefault());

        string? Text(string field)
        {
            var text = value(field)?.Trim();
            if (text is { Length: > 256 })
            {
                errors.Add($"{field} is longer than 256 characters.");
                return null;
            }

            return string.IsNullOrEmpty(text) ? null : text;
        }

        T? Word<T>(string field) where T : struct, Enum
        {
            if (Text(field) is not { } text)
            {
                return null;
            }

            if (Enum.TryParse<T>(text, ignoreCase: true, out var word) && Enum.IsDefined(word) && !char.IsAsciiDigit(text[0]))
            {
                return word;
            }

            errors.Add($"{field} must be one of {string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()))}.");
            return null;
        }

        DateTime? Time(string field)
        {
            if (Text(field) is not { } text)
            {
                return null;
            }

            if (DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            {
                return time;
            }

            errors.Add($"{field} must be a time in UTC such as 2030-01-02T03:04.");
            return null;
        }
    }

    /// <summary>As a query that <see cref="Parse"/> reads back; empty when nothing is filtered.</summary>
    public string ToQuery()
    {
        (string Name, string? Value)[] all =
        [
            ("actor", Actor), ("action", Action), ("kind", Kind), ("namespace", Namespace), ("name", Name), ("result", Result?.ToString().ToLowerInvariant()),
            ("source", Source?.ToString().ToLowerInvariant()), ("correlation", Correlation), ("from", Show(From)), ("to", Show(To)),
        ];
        return string.Join('&', all.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}"));
    }

    /// <summary>As a browser's field for date and time holds it.</summary>
    public static string? Show(DateTime? time) => time?.ToString(time.Value.Second == 0 ? "yyyy-MM-ddTHH:mm" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
}
