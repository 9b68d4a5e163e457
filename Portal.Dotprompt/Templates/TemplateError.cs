namespace Portal.Dotprompt.Templates;

/// <summary>
/// What is wrong with a template's text. Offsets are relative to the template. A lint is what the reference accepts and then loses content or fails later;
/// it is refused unless compatibility is asked for.
/// </summary>
internal sealed record TemplateError(string Code, string Message, int Start, int End, bool IsLint = false)
{
    public IReadOnlyList<TemplateFix> Fixes { get; init; } = [];
}

/// <summary>What to write in place of the text from <paramref name="Start"/> to <paramref name="End"/>.</summary>
internal sealed record TemplateFix(string Title, int Start, int End, string NewText);
