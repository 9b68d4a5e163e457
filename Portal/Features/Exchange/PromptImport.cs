using System.Text.Json.Serialization;

namespace Portal.Features.Exchange;

[JsonConverter(typeof(JsonStringEnumConverter<PromptImportState>))]
public enum PromptImportState
{
    /// <summary>It was read and can be looked at; nothing was written.</summary>
    Prepared,
    Running,
    Done,

    /// <summary>Somebody stopped it; what was written before stays.</summary>
    Stopped,

    /// <summary>The portal ended while it ran; what was written before stays. Import again: what is there already is left as it is.</summary>
    Interrupted,
}

[JsonConverter(typeof(JsonStringEnumConverter<ImportChoice>))]
public enum ImportChoice
{
    Skip,

    /// <summary>Becomes the draft of its name, where there is no other draft.</summary>
    Draft,

    /// <summary>Becomes the draft of its name, whatever draft there is.</summary>
    Replace,
}

[JsonConverter(typeof(JsonStringEnumConverter<ImportOutcome>))]
public enum ImportOutcome
{
    Drafted,

    /// <summary>The same text is there already, as the draft or as what is published.</summary>
    Unchanged,
    Skipped,
    Refused,
}

/// <summary>What is done about names that are taken, for a whole import.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConflictRule>))]
public enum ConflictRule
{
    /// <summary>Draft over what is published; leave drafts of others and one's own alone.</summary>
    KeepDrafts,

    /// <summary>Leave every name alone that is taken.</summary>
    Skip,

    /// <summary>Draft over everything.</summary>
    Replace,

    /// <summary>Take a free name: <c>name-2</c>.</summary>
    Rename,
}

/// <summary>A prompt of an import.</summary>
public sealed record PromptImportItem
{
    public required int Position { get; init; }
    public required string Source { get; init; }
    public required PromptFormat Format { get; init; }
    public required string Name { get; init; }
    public required ImportChoice Choice { get; init; }

    /// <summary>The document; null when there is none, and in reports.</summary>
    public string? Content { get; init; }

    /// <summary>Older versions, oldest first; empty in reports.</summary>
    [JsonIgnore]
    public IReadOnlyList<ForeignVersion> History { get; init; } = [];

    public string? Problem { get; init; }
    public bool IsLeft { get; init; }
    public required IReadOnlyList<MappingNote> Notes { get; init; }
    public ImportOutcome? Outcome { get; init; }
    public string? Message { get; init; }
}

/// <summary>An import of prompts, with what becomes of each.</summary>
public sealed record PromptImport
{
    public required string Id { get; init; }
    public required string Namespace { get; init; }
    public required string Author { get; init; }
    public required DateTime CreatedAt { get; init; }
    public required PromptImportState State { get; init; }
    public required IReadOnlyList<PromptImportItem> Items { get; init; }

    public int Count(ImportOutcome outcome) => Items.Count(item => item.Outcome == outcome);
}
