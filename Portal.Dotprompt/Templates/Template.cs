namespace Portal.Dotprompt.Templates;

/// <summary>A compiled template: parsed, white space settled, helpers resolved. Immutable once made.</summary>
internal sealed class Template
{
    private Template(Body body, IReadOnlyList<TemplateError> errors) => (Body, Errors) = (body, errors);

    public Body Body { get; }

    /// <summary>What is wrong, in the order of the text.</summary>
    public IReadOnlyList<TemplateError> Errors { get; }

    public static Template Parse(string text)
    {
        var errors = new List<TemplateError>();
        var body = new TemplateParser(text, errors).Parse();
        WhitespaceControl.Apply(body);
        new TemplateChecker(text, errors).Check(body);
        return new Template(body, [.. errors.OrderBy(error => error.Start)]);
    }
}
