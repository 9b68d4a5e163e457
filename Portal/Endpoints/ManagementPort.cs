namespace Portal.Endpoints;

/// <summary>
/// A listener of its own for what a cluster asks of a pod: probes, metrics, and usage told by runners. It reaches beyond this machine also without
/// sign-in, because nothing else is served on it: no page, no REST API, whatever the name the request was sent to.
/// </summary>
internal sealed class ManagementPort(int port) : IStartupFilter
{
    private static readonly PathString[] s_paths = ["/healthz", "/readyz", "/metrics", "/api/v1/usage", "/api/v1/budgets/state"];

    public static string Address(int port) => $"http://+:{port}";

    /// <summary>Goes before everything else, also before the check of host names: the kubelet and Prometheus ask by address.</summary>
    public static void Add(IServiceCollection services, int port) =>
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new ManagementPort(port)));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(GuardAsync);
        next(app);
    };

    private Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Connection.LocalPort == port)
        {
            if (!s_paths.Contains(context.Request.Path))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }

            context.Request.Host = new HostString("localhost");
        }

        return next(context);
    }
}
