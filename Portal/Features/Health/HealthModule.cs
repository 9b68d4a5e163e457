using Portal.Features.Health.Overview;
using Portal.Features.Health.Resources;

namespace Portal.Features.Health;

/// <summary>Whether everything works, and why not: flows, single objects, how they hang together, and the portal itself.</summary>
public static class HealthModule
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<FlowBoard>();
        services.AddSingleton<FlowFigures>();
        services.AddSingleton<ResourceDirectory>();
        return services;
    }

    public static void MapHealthApi(this IEndpointRouteBuilder app) => ResourcesApi.Map(app);
}
