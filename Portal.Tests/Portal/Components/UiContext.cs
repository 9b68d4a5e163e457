using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Portal.Components.Layout;
using Portal.Tests.Portal.Auth;
using Radzen;

namespace Portal.Tests.Portal.Components;

/// <summary>Renders components as an interactive page would, with the services every page has.</summary>
internal static class UiContext
{
    // What a page shows comes from a database, on a machine that does much else.
    static UiContext() => BunitContext.DefaultWaitTimeout = RunningPortal.Patience;

    /// <param name="configure">More services; none can be added afterwards.</param>
    public static BunitContext New(Action<IServiceCollection>? configure = null)
    {
        var context = new BunitContext();
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        context.Services.AddSingleton(TimeProvider.System);
        context.Services.AddSingleton(new PortalOptions());
        context.Services.AddRadzenComponents();
        context.Services.AddScoped<CurrentNamespace>();
        context.Services.AddScoped(_ => TestUsers.Administrator());
        configure?.Invoke(context.Services);
        context.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        return context;
    }

    public static IElement ByTestId<T>(this IRenderedComponent<T> component, string id) where T : IComponent => component.Find(Selector(id));

    /// <summary>The element once it is there: what a page shows may come a moment after the page itself.</summary>
    public static Task<IElement> WaitForTestIdAsync<T>(this IRenderedComponent<T> component, string id) where T : IComponent => component.WaitForElementAsync(Selector(id));

    /// <summary>Clicks what is there at that moment: an element found before may have been drawn anew.</summary>
    public static Task ClickAsync<T>(this IRenderedComponent<T> component, string id) where T : IComponent =>
        component.InvokeAsync(() => component.ByTestId(id).ClickAsync(new MouseEventArgs()));

    /// <inheritdoc cref="ClickAsync"/>
    public static Task InputAsync<T>(this IRenderedComponent<T> component, string id, string text) where T : IComponent =>
        component.InvokeAsync(() => component.ByTestId(id).InputAsync(new ChangeEventArgs { Value = text }));

    private static string Selector(string id) => $"[data-testid='{id}']";
}
