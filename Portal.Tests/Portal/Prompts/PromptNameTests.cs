using Portal.Features.Prompts;

namespace Portal.Tests.Portal.Prompts;

public class PromptNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("support-reply")]
    [InlineData("7up")]
    public void Check_GoodName_IsFine(string name) => Assert.Null(PromptName.Check(name));

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    [InlineData("../etc")]
    [InlineData("readyz")]
    public void Check_BadName_SaysWhatToDo(string name) => Assert.NotNull(PromptName.Check(name));

    [Fact]
    public void Check_LongName_SaysHowLong() => Assert.Contains("64", PromptName.Check(new string('a', 64)), StringComparison.Ordinal);
}
