using Portal.Components.Palette;
using Portal.Embedded;
using Portal.Endpoints.Admission;
using Portal.Features.Health.Map;
using Portal.Features.Health.Overview;
using Portal.Features.Health.Resources;
using Portal.Features.Health.Self;

namespace Portal.Features.Health;

/// <summary>Whether everything works, and why not: flows, single objects, how they hang together, and the portal itself.</summary>
public static class HealthModule
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton<FlowBoard>();
        services.AddSingleton<FlowFigures>();
        services.AddSingleton<ResourceDirectory>();
        services.AddSingleton<IPaletteSource, ResourcePalette>();
        services.AddSingleton<MapCallers>();
        services.AddSingleton<SelfStatus>();
        services.AddSingleton<ISelfProbe, OperatorProbe>();
        services.AddSingleton<ISelfProbe, WatchProbe>();
        services.AddSingleton<ISelfProbe>(provider => new AdmissionProbe(
            provider.GetRequiredService<ClusterInfo>(), provider.GetRequiredService<DataDirectory>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<AdmissionServer>()));
        services.AddSingleton<ISelfProbe, DatabaseProbe>();
        services.AddSingleton<ISelfProbe, UsageProbe>();
        services.AddSingleton<ISelfProbe, ReleaseProbe>();
        services.AddSingleton<ISelfProbe, AuditProbe>();
        services.AddSingleton<ISelfProbe, ProcessProbe>();
        services.AddHostedService<HealthGauges>();
        return services;
    }

    public static void MapHealthApi(this IEndpointRouteBuilder app)
    {
        ResourcesApi.Map(app);
        SelfApi.Map(app);
    }
}
