namespace Portal.Components.Palette;

/// <summary>Finds entries by what is typed.</summary>
public static class PaletteSearch
{
    /// <summary>Entries that hold every word of <paramref name="text"/> in group or title; those whose title begins with it first, then in their own order.</summary>
    public static IReadOnlyList<PaletteEntry> Find(IEnumerable<PaletteEntry> entries, string text, int most)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. entries
            .Where(entry => words.All(word => Holds(entry.Title, word) || Holds(entry.Group, word)))
            .OrderByDescending(entry => words.Length > 0 && entry.Title.StartsWith(words[0], StringComparison.OrdinalIgnoreCase))
            .Take(most)];
    }

    private static bool Holds(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}
