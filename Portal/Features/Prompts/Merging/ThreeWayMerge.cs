namespace Portal.Features.Prompts.Merging;

/// <summary>A part of a merged text: settled, or a place where both changed the same lines in different ways.</summary>
/// <param name="Text">The settled text; null in a conflict.</param>
/// <param name="Base">In a conflict, what both began from.</param>
public sealed record MergePart(string? Text, string Base = "", string Mine = "", string Theirs = "")
{
    public bool IsConflict => Text is null;
}

/// <summary>Which text a conflict is settled with.</summary>
public enum MergeChoice
{
    Mine,
    Theirs,

    /// <summary>Mine, and theirs after it.</summary>
    Both,
}

/// <summary>Two texts that began from the same one, put together line by line: what only one of them changed is taken, what both changed in the same way too.</summary>
public sealed class ThreeWayMerge
{
    private ThreeWayMerge(IReadOnlyList<MergePart> parts) => Parts = parts;

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<MergePart> Parts { get; }

    public int Conflicts => Parts.Count(part => part.IsConflict);

    /// <summary>The merged text; null while there are conflicts.</summary>
    public string? Text => Conflicts > 0 ? null : string.Concat(Parts.Select(part => part.Text));

    public static ThreeWayMerge Of(string @base, string mine, string theirs)
    {
        var (origin, left, right) = (LineDifference.LinesOf(@base), LineDifference.LinesOf(mine), LineDifference.LinesOf(theirs));
        var (inLeft, inRight) = (LineDifference.Match(origin, left), LineDifference.Match(origin, right));
        var parts = new List<MergePart>();
        var (atBase, atLeft, atRight) = (0, 0, 0);
        while (atBase < origin.Length || atLeft < left.Length || atRight < right.Length)
        {
            // The next line all three share; everything before it was changed by somebody.
            var next = atBase;
            while (next < origin.Length && (inLeft[next] < 0 || inRight[next] < 0))
            {
                next++;
            }

            var (endLeft, endRight) = next < origin.Length ? (inLeft[next], inRight[next]) : (left.Length, right.Length);
            Add(parts, Join(origin, atBase, next), Join(left, atLeft, endLeft), Join(right, atRight, endRight));
            (atBase, atLeft, atRight) = (next, endLeft, endRight);
            var shared = atBase;
            while (shared < origin.Length && inLeft[shared] == atLeft && inRight[shared] == atRight)
            {
                shared++;
                atLeft++;
                atRight++;
            }

            Settle(parts, Join(origin, atBase, shared));
            atBase = shared;
        }

        return new ThreeWayMerge(parts);
    }

    /// <summary>The text with each conflict settled.</summary>
    /// <param name="choices">One for each conflict, in their order.</param>
    public string Resolve(IReadOnlyList<MergeChoice> choices)
    {
        var next = 0;
        return string.Concat(Parts.Select(part => part.Text ?? choices[next++] switch
        {
            MergeChoice.Mine => part.Mine,
            MergeChoice.Theirs => part.Theirs,
            _ => part.Mine + (part.Mine.Length > 0 && !part.Mine.EndsWith('\n') ? "\n" : "") + part.Theirs,
        }));
    }

    private static void Add(List<MergePart> parts, string @base, string mine, string theirs)
    {
        if (mine == theirs || theirs == @base)
        {
            Settle(parts, mine);
        }
        else if (mine == @base)
        {
            Settle(parts, theirs);
        }
        else
        {
            parts.Add(new MergePart(null, @base, mine, theirs));
        }
    }

    private static void Settle(List<MergePart> parts, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (parts is [.., { IsConflict: false } last])
        {
            parts[^1] = new MergePart(last.Text + text);
        }
        else
        {
            parts.Add(new MergePart(text));
        }
    }

    private static string Join(string[] lines, int start, int end) => string.Concat(lines[start..end]);
}
