using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Flows;
using Portal.Features.Flows.Proxy;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Usage;

namespace Portal.Features.Runs;

/// <summary>The history of runs.</summary>
public static class RunsModule
{
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.AddSingleton(provider => new RunReader(
            provider.GetRequiredService<PortalDatabase>(), provider.GetRequiredService<RunStore>().FindRunning, provider.GetRequiredService<PriceBook>()));
        services.AddSingleton<RunPolicies>();
        services.AddSingleton<IContentPolicies>(provider => provider.GetRequiredService<RunPolicies>());
        services.AddSingleton(provider =>
        {
            var flows = provider.GetRequiredService<FlowDirectory>();
            return new KeptCalls((place, name) => flows.Find(place, name) is { } flow ? flows.PromptsOf(flow) : [], provider.GetRequiredService<ILogger<KeptCalls>>());
        });
        services.AddSingleton<ICallContents>(provider => provider.GetRequiredService<KeptCalls>());
        services.AddSingleton<RunCommands>();
        services.AddSingleton<DatasetRows>();
        services.AddSingleton<IFlowCallListener, FlowCallKeeper>();
        services.AddHostedService<RunRetention>();
        return services;
    }

    public static void MapRunsApi(this IEndpointRouteBuilder app) => RunsApi.Map(app);
}
