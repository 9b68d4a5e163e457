using Bunit;
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
        context.SetRendererInfo(new Microsoft.AspNetCore.Components.RendererInfo("Server", isInteractive: true));
        return context;
    }

    public static AngleSharp.Dom.IElement ByTestId<T>(this IRenderedComponent<T> component, string id)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        component.Find($"[data-testid='{id}']");
}
