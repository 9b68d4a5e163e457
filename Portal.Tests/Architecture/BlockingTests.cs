using Portal.Tests.Shared;

namespace Portal.Tests.Architecture;

/// <summary>
/// A page has one thread at a time. What is awaited under it comes back to that thread, so code that blocks it until the await is over waits for itself: with
/// PostgreSQL, where reads take their time, for ever.
/// </summary>
public sealed class BlockingTests
{
    [Fact]
    public void Portal_WaitsForATaskOnlyWhereItRunsElsewhere()
    {
        var waits = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Portal"), "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Select(line => (File: Path.GetFileName(file), Line: line.Trim())))
            .Where(item => item.Line.Contains(".GetAwaiter().GetResult()", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(waits);
        Assert.All(waits, item => Assert.Contains("Task.Run(", item.Line, StringComparison.Ordinal));
    }
}
