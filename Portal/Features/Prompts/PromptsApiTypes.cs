using System.ComponentModel;
using Portal.Data;
using Portal.Dotprompt.Diagnostics;
using Portal.Dotprompt.Messages;

namespace Portal.Features.Prompts;

/// <summary>The prompts of a namespace.</summary>
public sealed record PromptList(IReadOnlyList<PromptEntry> Items);

/// <summary>One prompt with its text.</summary>
public sealed record PromptDetail
{
    public required PromptEntry Summary { get; init; }

    [Description("The published document; null when nothing is published.")]
    public string? Content { get; init; }

    [Description("The text that is not published yet; null when there is none.")]
    public DraftDetail? Draft { get; init; }

    public string? ResourceVersion { get; init; }
    public long? Generation { get; init; }

    [Description("JSON Schema of the input; null when the document declares none.")]
    public JsonObject? InputSchema { get; init; }

    [Description("What is wrong or doubtful in the newest text.")]
    public required IReadOnlyList<Diagnostic> Problems { get; init; }
}

public sealed record DraftDetail(string Content, DateTime UpdatedAt);

public sealed record DraftBody
{
    [Description("The whole document.")]
    public required string Content { get; init; }

    [Description("updatedAt of the draft this text began from: another draft there is not overwritten. Absent overwrites.")]
    public DateTime? LastSeen { get; init; }
}

public sealed record RenderBody
{
    [Description("The document to render; the draft, else the published one, when absent.")]
    public string? Content { get; init; }

    [Description("Values of the template's variables.")]
    public JsonObject? Input { get; init; }
}

/// <summary>What a model would receive.</summary>
public sealed record RenderAnswer(IReadOnlyList<Message> Messages, JsonObject? InputSchema, JsonObject? OutputSchema,
    IReadOnlyList<Diagnostic> Problems);

public sealed record RunBody
{
    [Description("The document to run; the draft, else the published one, when absent.")]
    public string? Content { get; init; }

    [Description("Values of the template's variables.")]
    public JsonObject? Input { get; init; }

    [Description("Name of a Model object, for a prompt that names no model.")]
    public string? Model { get; init; }
}

public sealed record PublishBody
{
    [Description("The document to publish; the draft when absent.")]
    public string? Content { get; init; }

    [Description("Takes the content over from another field manager.")]
    public bool Force { get; init; }

    [Description("What changes, and why.")]
    public string? Message { get; init; }
}

public enum PublishAnswerOutcome
{
    Published,

    /// <summary>It is agreed; the cluster could not be reached yet.</summary>
    Pending,

    /// <summary>The policy asks for the approval of others, or for another time.</summary>
    Waiting,
}

/// <param name="Release">The request this became.</param>
public sealed record PublishAnswer(PublishAnswerOutcome Outcome, string Message, long Release, long? Generation = null, string? ResourceVersion = null);

/// <summary>Nothing is deleted yet: it takes a release.</summary>
public sealed record DeletionAsked(long Release, ReleaseStatus Status);
