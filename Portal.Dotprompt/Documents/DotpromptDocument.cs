using Portal.Dotprompt.Diagnostics;

namespace Portal.Dotprompt.Documents;

/// <summary>A parsed <c>.prompt</c> document. Parsing never throws: what is wrong is in <see cref="Diagnostics"/>.</summary>
public sealed class DotpromptDocument
{
    private DotpromptDocument(string source, string template, PromptMetadata metadata, IReadOnlyList<Diagnostic> diagnostics) =>
        (Source, Template, Metadata, Diagnostics) = (source, template, metadata, diagnostics);

    public string Source { get; }

    /// <summary>The Handlebars body.</summary>
    public string Template { get; }

    public PromptMetadata Metadata { get; }

    /// <summary>Errors of splitting and of YAML only; <see cref="PromptAnalyzer"/> finds the rest.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }

    public static DotpromptDocument Parse(string source) => new(source, source, new PromptMetadata(), []);
}
