using Microsoft.Extensions.DependencyInjection;

namespace Portal.Operator;

public static class OperatorModule
{
    /// <summary>
    /// Adds the operator: reconciles PluginConfig, Model, Prompt, Tool and Flow while the host runs. Needs <c>KubeClient</c>,
    /// <c>InformerFactory</c>, <c>EventRecorder</c>, <see cref="TimeProvider"/> and logging in the container.
    /// </summary>
    public static IServiceCollection AddGenkitOperator(this IServiceCollection services, OperatorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<OperatorHost>();
        services.AddHostedService(provider => provider.GetRequiredService<OperatorHost>());
        return services;
    }
}
