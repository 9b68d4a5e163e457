using System.Reflection;
using System.Text.RegularExpressions;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.Compatibility;

/// <summary>Holds the table of this folder's README to the tests there are.</summary>
public partial class CompatibilityTableTests
{
    private static readonly HashSet<string> s_tests =
    [
        .. from type in typeof(CompatibilityTableTests).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
           where method.IsDefined(typeof(FactAttribute))
           select $"{type.Name}.{method.Name}",
    ];

    private static Dictionary<string, IReadOnlyList<string>> Table => Row().Matches(File.ReadAllText(Repository.Path("Portal.Tests", "Operator", "Compatibility", "README.md")))
        .ToDictionary(row => row.Groups[1].Value, row => (IReadOnlyList<string>)[.. Name().Matches(row.Groups[2].Value).Select(name => name.Groups[1].Value)]);

    [Fact]
    public void Table_EveryCheck_HasItsRow() =>
        Assert.Equal([.. Enumerable.Range(1, 25).Select(number => $"{number}"), .. Enumerable.Range(1, 17).Select(number => $"B{number}")], Table.Keys);

    [Fact]
    public void Table_EveryRow_NamesTestsThatExist() => Assert.All(Table, row =>
    {
        Assert.NotEmpty(row.Value);
        Assert.All(row.Value, name => Assert.Contains(s_tests, test => name.EndsWith('*') ? test.StartsWith(name[..^1], StringComparison.Ordinal) : test == name));
    });

    [Fact]
    public void Tests_EveryCheckByNumber_IsInItsRow() => Assert.All(
        s_tests.Where(test => CheckName().IsMatch(test)),
        test => Assert.Contains(Table[NumberOf(test)], name => test.StartsWith(name.TrimEnd('*'), StringComparison.Ordinal)));

    private static string NumberOf(string test)
    {
        var name = CheckName().Match(test);
        return name.Groups[1].Value + name.Groups[2].Value;
    }

    [GeneratedRegex(@"^\| (B?\d+) \|[^|]*\|([^|]*)\|$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\.Check(B?)0*(\d+)_", RegexOptions.CultureInvariant)]
    private static partial Regex CheckName();
}
