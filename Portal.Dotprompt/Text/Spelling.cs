namespace Portal.Dotprompt.Text;

/// <summary>Finds the name an author probably meant.</summary>
internal static class Spelling
{
    /// <summary>The nearest candidate within a third of the name's length; null when none is near. Long names and the rest of a long list are not compared.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        const int Longest = 48;
        if (name.Length is 0 or > Longest)
        {
            return null;
        }

        var limit = Math.Max(1, name.Length / 3);
        return candidates
            .Take(500)
            .Where(candidate => candidate.Length <= Longest && Math.Abs(candidate.Length - name.Length) <= limit)
            .Select(candidate => (Candidate: candidate, Distance: Distance(Fold(name), Fold(candidate))))
            .Where(pair => pair.Distance <= limit && pair.Candidate != name)
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Candidate, StringComparer.Ordinal)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    /// <summary>Case and the separators of words are what authors mix up most, so they cost nothing.</summary>
    private static string Fold(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Edits, where swapping two neighbours counts as one.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1),
                        rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
