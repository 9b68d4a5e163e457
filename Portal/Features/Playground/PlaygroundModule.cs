using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Features.Usage;
using Portal.Runner.Engine;

namespace Portal.Features.Playground;

/// <summary>Runs prompts before they are published, through the engine that serves them afterwards.</summary>
public static class PlaygroundModule
{
    public static IServiceCollection AddPlayground(this IServiceCollection services)
    {
        services.AddFlowEngine();
        services.AddSingleton<ModelResolver>();
        services.AddSingleton<PromptSurroundings>();
        services.AddSingleton<PromptPreview>();
        services.TryAddSingleton<UsageLog>();
        services.AddSingleton<RunJournal>();
        services.AddSingleton<RunStore>();
        services.AddHostedService(provider => provider.GetRequiredService<RunStore>());
        return services;
    }
}
