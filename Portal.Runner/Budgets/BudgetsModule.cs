using Portal.Runner.Content;
using Portal.Runner.Hosting;

namespace Portal.Runner.Budgets;

internal static class BudgetsModule
{
    /// <summary>Registers <see cref="BudgetGate"/>, and where a portal is told of calls, the <see cref="BudgetWatch"/> that asks it, once it is resolved.</summary>
    public static IServiceCollection AddBudgets(this IServiceCollection services, RunnerOptions options)
    {
        services.AddSingleton<BudgetGate>();
        if (options.Usage is { } usage)
        {
            services.AddSingleton(provider => new BudgetWatch(
                provider.GetRequiredService<BudgetGate>(), provider.GetRequiredService<ContentKeeper>(), usage, options.Namespace, provider.GetRequiredService<HttpMessageInvoker>(),
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<BudgetWatch>>()));
        }

        return services;
    }
}
