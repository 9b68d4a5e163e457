using Portal.Auth;
using Portal.Operator.Evals;
using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary>Budgets: what may be spent, who is told, and which calls stop.</summary>
public static class BudgetsModule
{
    public static IServiceCollection AddBudgets(this IServiceCollection services)
    {
        services.AddSingleton<BudgetStore>();
        services.AddSingleton<SpendReader>();
        services.AddSingleton<SpendHistory>();
        services.AddSingleton<BudgetForecasts>();
        services.AddSingleton<BudgetPreview>();
        services.AddSingleton<Jumps.CostJumps>();
        services.AddSingleton<BudgetBoard>();
        services.AddSingleton<IEvalBudgets, EvalBudgets>();
        services.AddSingleton<BudgetMessages>();
        services.AddSingleton<BudgetAlerts>();
        services.AddSingleton<RunnerOrders>();
        services.AddSingleton<BudgetStateEndpoint>();
        services.AddSingleton<BudgetMonitor>();
        services.AddHostedService(provider => provider.GetRequiredService<BudgetMonitor>());
        services.AddHostedService<BudgetGauge>();
        return services;
    }

    public static void MapBudgetsApi(this IEndpointRouteBuilder app)
    {
        BudgetsApi.Map(app);
        app.MapGet(BudgetStops.Path, (HttpContext context, BudgetStateEndpoint endpoint) => endpoint.AnswerAsync(context))
            .OpenToAll("Takes the token of runners.")
            .WithName("GetBudgetState").WithTags("Budgets").WithSummary("For runners: which budgets stop calls, and what is kept of them").Produces<BudgetStops>()
            .Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status401Unauthorized);
    }
}
