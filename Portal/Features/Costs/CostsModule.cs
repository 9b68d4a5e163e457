using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Dashboard;
using Portal.Features.Costs.Prices;
using Portal.Features.Costs.Queries;
using Portal.Features.Costs.Reconcile;
using Portal.Features.Costs.Revisions;

namespace Portal.Features.Costs;

/// <summary>What calls cost: sums by whatever is asked, single calls, and whether the provider's invoice says the same.</summary>
public static class CostsModule
{
    public static IServiceCollection AddCosts(this IServiceCollection services)
    {
        services.AddSingleton<CostReports>();
        services.AddSingleton<CostCalls>();
        services.AddSingleton<PublishMarkers>();
        services.AddSingleton<MonthForecasts>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<RevisionCosts>();
        services.AddSingleton<UnpricedUsage>();
        return services;
    }

    public static void MapCostsApi(this IEndpointRouteBuilder app) => CostsApi.Map(app);
}
