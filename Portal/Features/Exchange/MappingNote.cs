using System.Text.Json.Serialization;

namespace Portal.Features.Exchange;

/// <summary>What became of a piece of a prompt on its way between formats.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NoteKind>))]
public enum NoteKind
{
    /// <summary>It means the same on the other side.</summary>
    Became,

    /// <summary>It is kept under a name of its own, and has no effect.</summary>
    Kept,

    /// <summary>Doubtful, or to be looked at by a person.</summary>
    Warning,

    /// <summary>It could not be carried.</summary>
    Lost,
}

/// <summary>A line of the mapping report.</summary>
/// <param name="Field">Where it was, such as <c>tools[0]</c> or <c>messages[2].content</c>.</param>
/// <param name="Text">What became of it.</param>
public sealed record MappingNote(NoteKind Kind, string Field, string Text);
