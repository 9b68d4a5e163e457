using Portal.Auth;
using Portal.Components.Palette;
using Portal.Features.Flows.Logs;
using Portal.Features.Flows.Proxy;
using Portal.Kubernetes.Client;
using Portal.Runner.Tools;

namespace Portal.Features.Flows;

/// <summary>Flows: their pages, their REST API, and the way to call them.</summary>
public static class FlowsModule
{
    private const string FlowRoute = "/flows/{namespace}/{flow}";
    private const string PromptRoute = "/flows/{namespace}/{flow}/{prompt}";
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(5);

    /// <param name="services">Needs <c>KubeClient</c>, <c>InformerFactory</c> and <see cref="TimeProvider"/>.</param>
    /// <param name="throughApiServer">Whether pods can be reached only through the API server's proxy.</param>
    public static IServiceCollection AddFlows(this IServiceCollection services, bool throughApiServer)
    {
        services.AddSingleton<FlowDirectory>();
        services.AddSingleton<IPaletteSource, FlowPalette>();
        services.AddSingleton<FlowCaller>();
        services.AddSingleton<FlowCommands>();

        // Runs in this process call flows as the portal does: their Services' names mean nothing here.
        services.AddSingleton(provider => ToolCatalog.Create(
            ToolNetwork.FromEnvironment(Environment.GetEnvironmentVariable), ActivatorUtilities.CreateInstance<FlowServiceHandler>(provider)));
        services.AddSingleton<FlowProxy>();
        services.AddSingleton<FlowStream>();
        services.AddSingleton<PodLogReader>();
        if (throughApiServer)
        {
            services.AddSingleton<IFlowTargets>(provider => new ServiceProxyTargets(provider.GetRequiredService<KubeClient>()));
        }
        else
        {
            services.AddSingleton<IFlowTargets>(provider => ActivatorUtilities.CreateInstance<EndpointTargets>(provider, DirectClient()));
        }

        return services;
    }

    public static void MapFlowsApi(this IEndpointRouteBuilder app)
    {
        FlowsApi.Map(app);
        PodLogApi.Map(app);
        app.MapPost(FlowRoute, (HttpContext context, FlowProxy proxy, string @namespace, string flow) =>
            proxy.CallAsync(context, @namespace, flow, flow)).Requires(Permission.Run).WithName("CallFlow").WithTags("Flows");
        app.MapPost(PromptRoute, (HttpContext context, FlowProxy proxy, string @namespace, string flow, string prompt) =>
            proxy.CallAsync(context, @namespace, flow, prompt)).Requires(Permission.Run).WithName("CallFlowPrompt").WithTags("Flows");

        // Said here because the pages' own route would take any other method for a page that does not exist.
        app.Map(FlowRoute, RefuseMethod).Requires(Permission.Run).ExcludeFromDescription();
        app.Map(PromptRoute, RefuseMethod).Requires(Permission.Run).ExcludeFromDescription();
    }

    private static IResult RefuseMethod(HttpContext context)
    {
        context.Response.Headers.Allow = HttpMethods.Post;
        return Results.Problem("A flow is called with POST and a JSON object as body.", statusCode: StatusCodes.Status405MethodNotAllowed);
    }

    private static HttpMessageInvoker DirectClient() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectTimeout = s_connectTimeout,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    });
}
