namespace Portal.Features.Exchange;

/// <summary>An older version of a prompt that comes with it.</summary>
/// <param name="Message">Where it comes from, for its revision.</param>
public sealed record ForeignVersion(string Content, string Message);

/// <summary>A prompt that was read from somewhere, as Dotprompt.</summary>
/// <param name="Source">File, and place in it.</param>
/// <param name="Name">The name it proposes; may not be one that can be used.</param>
public sealed record ForeignPrompt(string Source, PromptFormat Format, string Name)
{
    /// <summary>The document; null when it could not be read.</summary>
    public string? Content { get; init; }

    /// <summary>Why it could not be read, and what to do about it.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether it is nothing for this import, rather than a mistake.</summary>
    public bool IsLeft { get; init; }

    /// <summary>Versions before <see cref="Content"/>, oldest first.</summary>
    public IReadOnlyList<ForeignVersion> History { get; init; } = [];

    /// <summary>Whether it is a part of other prompts (<c>_name.prompt</c>).</summary>
    public bool IsPartial { get; init; }

    public IReadOnlyList<MappingNote> Notes { get; init; } = [];

    public static ForeignPrompt Refused(string source, PromptFormat format, string name, string problem) => new(source, format, name) { Problem = problem };
}
