using Microsoft.Extensions.DependencyInjection;

namespace Portal.Operator;

public static class OperatorModule
{
    /// <summary>
    /// Adds the operator: reconciles every kind of <c>genkit.dev</c> while the host runs. Needs <c>KubeClient</c>,
    /// <c>InformerFactory</c>, <c>EventRecorder</c>, <see cref="TimeProvider"/> and logging in the container; asks <c>IEvalBudgets</c> when there is one.
    /// </summary>
    public static IServiceCollection AddGenkitOperator(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<OperatorHost>();
        services.AddHostedService(provider => provider.GetRequiredService<OperatorHost>());
        return services;
    }
}
