using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Components;

public sealed class SearchFieldTests : IDisposable
{
    private readonly ManualTimeProvider _clock = new();
    private readonly BunitContext _context;
    private string _text = "";

    public SearchFieldTests() => _context = UiContext.New(services => services.AddSingleton<TimeProvider>(_clock));

    private NavigationManager Navigation => _context.Services.GetRequiredService<NavigationManager>();

    private IEnumerable<string> Written => _context.JSInterop.Invocations["genkitUi.search"].Select(call => (string)call.Arguments[2]!);

    public void Dispose() => _context.Dispose();

    [Fact]
    public void Init_WithASearchInTheAddress_HasIt()
    {
        Render("/ns/demo/flows?q=two%20words");

        Assert.Equal("two words", _text);
    }

    [Fact]
    public void Type_ManyKeysAtOnce_AppliesEachAndWritesTheLast()
    {
        var field = Render("/ns/demo/flows");

        foreach (var typed in new[] { "s", "su", "sup" })
        {
            Type(field, typed);
            Assert.Equal(typed, _text);
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        field.WaitForAssertion(() => Assert.Equal("sup", Written.Last()));
        Assert.True(Written.Count() <= 2, string.Join(' ', Written));
    }

    [Fact]
    public void Type_ThenTakenAwayByThePage_IsNotWrittenLater()
    {
        var field = Render("/ns/demo/flows");
        Type(field, "a");
        Assert.Equal(["a"], Written);
        Type(field, "ab");

        field.Render(parameters => parameters.Add(item => item.Text, ""));

        _clock.Advance(TimeSpan.FromSeconds(1));
        field.WaitForAssertion(() => Assert.Equal(["a", ""], Written));
    }

    [Fact]
    public void Address_OfBeforeTheLastKey_TakesNothingAway()
    {
        var field = Render("/ns/demo/flows");
        Type(field, "a");
        Type(field, "ab");

        Navigation.NavigateTo("/ns/demo/flows?q=a&state=Ready");

        Assert.Equal("ab", _text);
        _clock.Advance(TimeSpan.FromSeconds(1));
        field.WaitForAssertion(() => Assert.Equal("ab", Written.Last()));
    }

    [Theory]
    [InlineData("/ns/demo/flows?q=earlier", "earlier")]
    [InlineData("/ns/other/flows", "")]
    public void Address_ThatChangesByItself_IsFollowed(string address, string expected)
    {
        var field = Render("/ns/demo/flows");
        Type(field, "later");
        _clock.Advance(TimeSpan.FromSeconds(1));
        field.WaitForAssertion(() => Assert.Contains("later", Written));

        Navigation.NavigateTo(address);

        field.WaitForAssertion(() => Assert.Equal(expected, field.Find("input").GetAttribute("value") ?? ""));
        Assert.Equal(expected, _text);
    }

    private static void Type(IRenderedComponent<SearchField> field, string text) => field.Find("input").Input(text);

    private IRenderedComponent<SearchField> Render(string address)
    {
        Navigation.NavigateTo(address);
        IRenderedComponent<SearchField>? field = null;
        field = _context.Render<SearchField>(parameters => parameters.Add(item => item.Label, "Search").Add(item => item.TextChanged, Take));
        field.Render(parameters => parameters.Add(item => item.Text, _text));
        return field;

        void Take(string text)
        {
            _text = text;
            field?.Render(parameters => parameters.Add(item => item.Text, text));
        }
    }
}
