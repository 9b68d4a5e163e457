namespace Portal.Dotprompt.Diagnostics;

/// <summary>What the prompt is checked against. Null lists mean "not known: do not report".</summary>
public sealed record AnalysisContext
{
    public IReadOnlyCollection<string>? Models { get; init; }
    public IReadOnlyCollection<string>? Tools { get; init; }
    public IReadOnlyCollection<string>? Partials { get; init; }

    /// <summary>Source of a partial by name, or null; with it, partials that call each other without end are found.</summary>
    public Func<string, string?> PartialSource { get; init; } = static _ => null;

    /// <summary>The numbered revisions of a partial by its name, without <c>@</c>; null when they are not known or there is none of that name.</summary>
    public Func<string, PartialHistory?> History { get; init; } = static _ => null;

    /// <summary>The name by which other documents call this one as a partial; null when it is none.</summary>
    public string? PartialName { get; init; }

    /// <summary>Names of schemas that Picoschema may refer to; there are none unless given.</summary>
    public IReadOnlyCollection<string>? Schemas { get; init; } = [];
}
