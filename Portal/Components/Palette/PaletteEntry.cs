namespace Portal.Components.Palette;

/// <summary>Something one can go to or do from the command palette.</summary>
/// <param name="Group">What kind of thing it is, in a word: <c>Go to</c>, <c>Prompt</c>.</param>
/// <param name="Href">Address it leads to.</param>
/// <param name="Keys">Its shortcut, shown beside it.</param>
public sealed record PaletteEntry(string Group, string Title, string Icon, string Href, string? Keys = null);

/// <summary>A slice's entries of the command palette.</summary>
public interface IPaletteSource
{
    /// <summary>Everything the slice offers in a namespace, in its own order. Reads what is in memory: it is asked at every opening.</summary>
    IEnumerable<PaletteEntry> Entries(string @namespace);
}
