using System.Text.RegularExpressions;
using Portal.Tests.Shared;

namespace Portal.Tests.Architecture;

/// <summary>
/// Every keystroke goes to the server and back. An input that sets <c>value</c> itself writes an older text over what was typed meanwhile;
/// one that is bound knows what the browser has.
/// </summary>
public partial class TypedInputTests
{
    [Fact]
    public void InputsHeardOnEveryKey_Always_AreBound()
    {
        var offenders = Directory.EnumerateFiles(Repository.Path("Portal"), "*.razor", SearchOption.AllDirectories)
            .SelectMany(file => Element().Matches(File.ReadAllText(file))
                .Where(element => element.Value.Contains("@oninput=", StringComparison.Ordinal) && element.Value.Contains(" value=", StringComparison.Ordinal))
                .Select(element => $"{Path.GetRelativePath(Repository.Root, file)}: {element.Value}"));

        Assert.Empty(offenders);
    }

    /// <summary>An opening tag; the '>' of a lambda arrow does not end it.</summary>
    [GeneratedRegex(@"<(?:input|textarea)\b(?:=>|[^>])*>")]
    private static partial Regex Element();
}
