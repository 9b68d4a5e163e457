using Portal.Features.Releases.Revisions;

namespace Portal.Features.Exchange.Export;

/// <summary>A prompt with all that is known of it.</summary>
/// <param name="Draft">Null when there is none.</param>
/// <param name="Published">Null when nothing is.</param>
/// <param name="Revisions">Each with its text, oldest first; empty when they were not asked for.</param>
internal sealed record ExportSource(string Name, string? Draft, string? Published, IReadOnlyList<(RevisionEntry Entry, string Content)> Revisions)
{
    public string Text => Draft ?? Published!;
}
