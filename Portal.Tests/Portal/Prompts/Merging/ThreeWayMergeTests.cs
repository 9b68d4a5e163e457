using Portal.Features.Prompts.Merging;

namespace Portal.Tests.Portal.Prompts.Merging;

public sealed class ThreeWayMergeTests
{
    [Theory]
    [InlineData("a b c", "a b c", "a b c", "a b c")]
    [InlineData("a b c", "A b c", "a b C", "A b C")]
    [InlineData("a b c", "a x b c", "a b c y", "a x b c y")]
    [InlineData("a b c", "a c", "a b c d", "a c d")]
    [InlineData("a b c", "a X c", "a X c", "a X c")]
    [InlineData("", "", "a", "a")]
    [InlineData("a", "", "a", "")]
    [InlineData("a b c d e", "e d", "a b c d e", "e d")]
    public void Of_ChangesInDifferentPlaces_KeepsBoth(string @base, string mine, string theirs, string expected) =>
        Assert.Equal(Lines(expected), ThreeWayMerge.Of(Lines(@base), Lines(mine), Lines(theirs)).Text);

    [Theory]
    [InlineData("a b c", "a X c", "a Y c", "X", "Y")]
    [InlineData("a b c", "a c", "a Y c", "", "Y")]
    [InlineData("", "X", "Y", "X", "Y")]
    public void Of_SamePlaceChangedDifferently_IsAConflictWithBothTexts(string @base, string mine, string theirs, string expectedMine, string expectedTheirs)
    {
        var merge = ThreeWayMerge.Of(Lines(@base), Lines(mine), Lines(theirs));

        var conflict = Assert.Single(merge.Parts, part => part.IsConflict);
        Assert.Equal((Lines(expectedMine), Lines(expectedTheirs), null), (conflict.Mine, conflict.Theirs, merge.Text));
        Assert.Equal((Lines(mine), Lines(theirs)), (merge.Resolve([MergeChoice.Mine]), merge.Resolve([MergeChoice.Theirs])));
        Assert.Contains(Lines(expectedMine) + Lines(expectedTheirs), merge.Resolve([MergeChoice.Both]), StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_BothWithoutALineEnd_KeepsThemApart() =>
        Assert.Equal("mine\ntheirs", ThreeWayMerge.Of("base", "mine", "theirs").Resolve([MergeChoice.Both]));

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Of_RandomEdits_LosesNothingThatAnybodyWrote(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 400; run++)
        {
            var origin = Enumerable.Range(0, random.Next(1, 25)).Select(line => $"line {random.Next(6)}").ToList();
            var (mine, theirs) = (Edit(origin, random, $"mine{run}"), Edit(origin, random, $"theirs{run}"));

            var merge = ThreeWayMerge.Of(Join(origin), Join(mine), Join(theirs));
            var whole = string.Concat(merge.Parts.Select(part => part.Text ?? part.Mine + part.Theirs));

            Assert.All(mine.Concat(theirs).Where(line => line.Contains('*', StringComparison.Ordinal)), line => Assert.Contains(line + "\n", whole, StringComparison.Ordinal));
            Assert.Equal(Join(mine), ThreeWayMerge.Of(Join(origin), Join(mine), Join(origin)).Text);
            Assert.Equal(Join(theirs), ThreeWayMerge.Of(Join(origin), Join(origin), Join(theirs)).Text);
            Assert.Equal(Join(mine), ThreeWayMerge.Of(Join(origin), Join(mine), Join(mine)).Text);
        }
    }

    [Fact]
    public void Of_HugeTextsThatShareNothing_StillAnswers()
    {
        var (mine, theirs) = (string.Concat(Enumerable.Range(0, 20_000).Select(line => $"m{line}\n")), string.Concat(Enumerable.Range(0, 20_000).Select(line => $"t{line}\n")));

        Assert.Equal(1, ThreeWayMerge.Of("base", mine, theirs).Conflicts);
    }

    private static List<string> Edit(List<string> origin, Random random, string name)
    {
        var lines = origin.ToList();
        for (var count = random.Next(4); count > 0; count--)
        {
            var at = random.Next(lines.Count + 1);
            switch (random.Next(3))
            {
                case 0:
                    lines.Insert(at, $"*{name} {count}");
                    break;
                case 1 when at < lines.Count && !lines[at].StartsWith('*'):
                    lines.RemoveAt(at);
                    break;
                default:
                    lines.Insert(at, $"*{name} {count}");
                    break;
            }
        }

        return lines;
    }

    private static string Join(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    /// <summary>Words as lines.</summary>
    private static string Lines(string words) => Join(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
