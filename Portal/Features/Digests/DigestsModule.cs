using Portal.Data;
using Portal.Features.Budgets;
using Portal.Features.Costs.Queries;
using Portal.Features.Flows;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Digests;

/// <summary>A namespace's week, told on Monday morning to those who want to know.</summary>
public static class DigestsModule
{
    public static IServiceCollection AddDigests(this IServiceCollection services)
    {
        services.AddSingleton<DigestStore>();
        services.AddSingleton<DigestMessages>();
        services.AddSingleton(provider =>
        {
            var flows = provider.GetRequiredService<FlowDirectory>();
            return new DigestReports(provider.GetRequiredService<CostReports>(), provider.GetRequiredService<BudgetBoard>(), place =>
            [
                .. flows.Flows.Store.List(place).Concat<KubeObject>(flows.FlowSets.Store.List(place)).Where(flow => flow.FindCondition("Ready")?.IsTrue != true).OrderBy(flow => flow.Name, StringComparer.Ordinal)
                    .Select(flow => new DigestFault(flow.Name, FlowVerdict.Of(flow, flows).Sentence)),
            ]);
        });
        services.AddLeaderService<DigestWorker>();
        return services;
    }

    public static void MapDigestsApi(this IEndpointRouteBuilder app) => DigestsApi.Map(app);
}
