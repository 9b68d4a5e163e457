using System.Reflection;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.BadInput;

/// <summary>A line of a table that says which test shows something.</summary>
internal static class ShownBy
{
    /// <summary>Fails when the test is gone, or never runs.</summary>
    /// <param name="line">What is shown.</param>
    /// <param name="test"><c>Class.Method</c> of this project, <c>file: title</c> of a browser test, or the figures of a benchmark.</param>
    public static void Require(string line, string test)
    {
        if (test.Split(".spec.ts: ") is [var file, var title])
        {
            Assert.Contains($"test('{title}'", File.ReadAllText(Repository.Path("e2e", $"{file}.spec.ts")), StringComparison.Ordinal);
            return;
        }

        if (test.StartsWith("bench/", StringComparison.Ordinal))
        {
            Assert.True(File.Exists(Repository.Path(test.Split('/'))), $"{line}: there is no {test}.");
            return;
        }

        var (type, method) = test.Split('.') is [var left, var right] ? (left, right) : throw new InvalidOperationException($"{line}: {test} is not Class.Method.");
        var found = typeof(ShownBy).Assembly.GetTypes().Where(candidate => candidate.Name == type).Select(candidate => candidate.GetMethod(method)).FirstOrDefault(candidate => candidate is not null);
        var fact = found?.GetCustomAttribute<FactAttribute>();
        Assert.True(fact is { Skip: null } or SmallDiskFactAttribute or PostgresFactAttribute, $"{line}: there is no test {test}.");
    }
}
