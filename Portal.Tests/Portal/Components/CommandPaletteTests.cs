using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Layout;
using Portal.Components.Palette;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Components;

public sealed class CommandPaletteTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly BunitContext _context = UiContext.New(services => services.AddSingleton(fixture.Informers)
        .AddScoped<NamespaceDirectory>()
        .AddScoped<IPaletteSource, PagePalette>()
        .AddSingleton<IPaletteSource, Fruit>());

    public void Dispose() => _context.Dispose();

    [Fact]
    public async Task Type_FindsByEveryWord_AndEnterGoesThere()
    {
        var palette = await OpenAsync();

        await palette.ByTestId("palette-input").InputAsync(new ChangeEventArgs { Value = "fruit PEAR" });
        await palette.ByTestId("palette-input").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        Assert.EndsWith("/ns/team-a/fruit/pear", _context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arrows_MoveRoundTheResults_ThatScreenReadersAreTold()
    {
        var palette = await OpenAsync();
        await palette.ByTestId("palette-input").InputAsync(new ChangeEventArgs { Value = "ear" });

        await palette.ByTestId("palette-input").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowUp" });

        var active = palette.Find($"#{palette.ByTestId("palette-input").GetAttribute("aria-activedescendant")}");
        Assert.Contains("pear", active.TextContent, StringComparison.Ordinal);
        Assert.Equal("true", active.GetAttribute("aria-selected"));
    }

    [Fact]
    public async Task NothingFound_SaysSoWithItsText()
    {
        var palette = await OpenAsync();

        await palette.ByTestId("palette-input").InputAsync(new ChangeEventArgs { Value = "<zzz>" });
        await palette.ByTestId("palette-input").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        Assert.Empty(palette.FindAll("[data-testid=palette-entry]"));
        Assert.Contains("is called “&lt;zzz&gt;”", palette.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ShowsPagesOfTheNamespace_WithTheirKeys()
    {
        var palette = await OpenAsync();

        var entries = palette.FindAll("[data-testid=palette-entry]").Select(entry => entry.TextContent).ToList();
        Assert.Contains(entries, entry => entry.Contains("Prompts", StringComparison.Ordinal) && entry.Contains("g p", StringComparison.Ordinal));
    }

    private async Task<IRenderedComponent<CommandPalette>> OpenAsync()
    {
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo("/ns/team-a/prompts");
        var palette = _context.Render<CommandPalette>();
        await palette.ByTestId("palette-open").ClickAsync(new MouseEventArgs());
        return palette;
    }

    private sealed class Fruit : IPaletteSource
    {
        public IEnumerable<PaletteEntry> Entries(string @namespace) =>
            [new("Fruit", "early apple", "nutrition", $"/ns/{@namespace}/fruit/apple"), new("Fruit", "pear", "nutrition", $"/ns/{@namespace}/fruit/pear")];
    }
}
