namespace Portal.Features.Prompts.Merging;

/// <summary>Which lines of one text are in another one, in order: the longest common subsequence by Myers' greedy algorithm.</summary>
internal static class LineDifference
{
    /// <summary>Beyond so many differing lines the middle counts as changed altogether: the time grows with their square.</summary>
    private const int MostDifferences = 2000;

    /// <summary>Lines with their ends, so that joining them is the text again.</summary>
    public static string[] LinesOf(string text)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start);
            end = end < 0 ? text.Length : end + 1;
            lines.Add(text[start..end]);
            start = end;
        }

        return [.. lines];
    }

    /// <summary>For each line of <paramref name="before"/> where it is in <paramref name="after"/>, or -1.</summary>
    public static int[] Match(string[] before, string[] after)
    {
        var matches = new int[before.Length];
        Array.Fill(matches, -1);
        var (start, left, right) = (0, before.Length, after.Length);
        while (start < left && start < right && before[start] == after[start])
        {
            matches[start] = start;
            start++;
        }

        while (left > start && right > start && before[left - 1] == after[right - 1])
        {
            matches[--left] = --right;
        }

        Greedy(before.AsSpan(start, left - start), after.AsSpan(start, right - start), start, matches);
        return matches;
    }

    private static void Greedy(ReadOnlySpan<string> before, ReadOnlySpan<string> after, int offset, int[] matches)
    {
        var most = Math.Min(before.Length + after.Length, MostDifferences);
        var furthest = new int[(2 * most) + 2];
        var trace = new List<int[]>();
        for (var distance = 0; distance <= most; distance++)
        {
            // What the steps up to here reached, of which a path only needs the middle.
            trace.Add(furthest[(most - distance)..(most + distance + 1)]);
            for (var diagonal = -distance; diagonal <= distance; diagonal += 2)
            {
                var down = diagonal == -distance || (diagonal != distance && furthest[most + diagonal - 1] < furthest[most + diagonal + 1]);
                var x = down ? furthest[most + diagonal + 1] : furthest[most + diagonal - 1] + 1;
                while (x < before.Length && x - diagonal < after.Length && before[x] == after[x - diagonal])
                {
                    x++;
                }

                furthest[most + diagonal] = x;
                if (x >= before.Length && x - diagonal >= after.Length)
                {
                    Backtrack(trace, before.Length, after.Length, offset, matches);
                    return;
                }
            }
        }
    }

    private static void Backtrack(List<int[]> trace, int x, int y, int offset, int[] matches)
    {
        for (var distance = trace.Count - 1; distance >= 0; distance--)
        {
            var furthest = trace[distance];
            int At(int diagonal) => diagonal + distance >= 0 && diagonal + distance < furthest.Length ? furthest[diagonal + distance] : 0;
            var diagonal = x - y;
            var down = distance == 0 || diagonal == -distance || (diagonal != distance && At(diagonal - 1) < At(diagonal + 1));
            var previous = distance == 0 ? 0 : down ? diagonal + 1 : diagonal - 1;
            var (fromX, fromY) = distance == 0 ? (0, 0) : (At(previous), At(previous) - previous);
            while (x > fromX && y > fromY)
            {
                x--;
                y--;
                matches[offset + x] = offset + y;
            }

            (x, y) = (fromX, fromY);
        }
    }
}
