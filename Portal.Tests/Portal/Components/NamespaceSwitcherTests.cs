using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Layout;
using Portal.Kubernetes.Objects;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Components;

public sealed class NamespaceSwitcherTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private readonly BunitContext _context = UiContext.New(services => services.AddSingleton(fixture.Informers)
        .AddScoped<NamespaceDirectory>());

    public void Dispose() => _context.Dispose();

    [Fact]
    public async Task Type_ThenEnter_GoesToTheSamePageOfTheMatch()
    {
        var switcher = await RenderAsync("/ns/default/flows/one");
        var input = switcher.ByTestId("namespace-switcher");
        await input.FocusAsync(new FocusEventArgs());

        await input.InputAsync(new ChangeEventArgs { Value = "KUBE-SYS" });
        await switcher.ByTestId("namespace-switcher").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });

        Assert.EndsWith("/ns/kube-system/flows", _context.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arrows_MoveTheActiveOption_ThatScreenReadersAreTold()
    {
        var switcher = await RenderAsync("/ns/default/prompts");
        var input = switcher.ByTestId("namespace-switcher");
        await input.FocusAsync(new FocusEventArgs());
        var before = input.GetAttribute("aria-activedescendant");

        await input.KeyDownAsync(new KeyboardEventArgs { Key = "ArrowDown" });

        input = switcher.ByTestId("namespace-switcher");
        Assert.Equal("true", input.GetAttribute("aria-expanded"));
        Assert.NotEqual(before, input.GetAttribute("aria-activedescendant"));
        Assert.Equal("true", switcher.Find($"#{input.GetAttribute("aria-activedescendant")}").GetAttribute("aria-selected"));
    }

    [Fact]
    public async Task Escape_Closes_AndNothingMatchingSaysSo()
    {
        var switcher = await RenderAsync("/ns/default/prompts");
        await switcher.ByTestId("namespace-switcher").InputAsync(new ChangeEventArgs { Value = "zzz" });
        Assert.Contains("No namespace matches “zzz”", switcher.Markup, StringComparison.Ordinal);

        await switcher.ByTestId("namespace-switcher").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });

        Assert.Empty(switcher.FindAll("[role=listbox]"));
    }

    private async Task<IRenderedComponent<NamespaceSwitcher>> RenderAsync(string url)
    {
        await fixture.Informers.Get(BuiltIn.Namespace)
            .UntilAsync(store => store.Find(null, "kube-system") is not null && store.Find(null, "default") is not null);
        _context.Services.GetRequiredService<NavigationManager>().NavigateTo(url);
        return _context.Render<NamespaceSwitcher>();
    }
}
