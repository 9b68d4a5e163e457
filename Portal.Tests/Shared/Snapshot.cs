namespace Portal.Tests.Shared;

/// <summary>Compares text with a file of the repository. On a difference the text goes to <c>*.received</c> beside it;
/// with <c>GENERATE=1</c> in the environment the file itself is rewritten.</summary>
internal static class Snapshot
{
    /// <param name="path">The expected file, relative to the repository's root.</param>
    /// <param name="actual">What the code made.</param>
    public static void Matches(string path, string actual)
    {
        var file = Repository.Path(path);
        var received = file + ".received";
        if (Environment.GetEnvironmentVariable("GENERATE") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        var expected = File.Exists(file) ? File.ReadAllText(file) : "";
        if (expected == actual)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, actual);
        Assert.Fail($"{path} differs from what the code makes, {FirstDifference(expected, actual)}. See {received}; GENERATE=1 accepts it.");
    }

    private static string FirstDifference(string expected, string actual)
    {
        var (before, after) = (expected.Split('\n'), actual.Split('\n'));
        var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"first at line {line + 1}: expected '{before.ElementAtOrDefault(line)}', made '{after.ElementAtOrDefault(line)}'";
    }
}
