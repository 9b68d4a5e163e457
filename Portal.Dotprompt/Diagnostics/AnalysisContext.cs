namespace Portal.Dotprompt.Diagnostics;

/// <summary>What the prompt is checked against. Null lists mean "not known: do not report".</summary>
public sealed record AnalysisContext
{
    public IReadOnlyCollection<string>? Models { get; init; }
    public IReadOnlyCollection<string>? Tools { get; init; }
    public IReadOnlyCollection<string>? Partials { get; init; }

    /// <summary>Names of schemas that Picoschema may refer to; there are none unless given.</summary>
    public IReadOnlyCollection<string>? Schemas { get; init; } = [];
}
