using Portal.Runner.Engine;
using Portal.Runner.Providers;

namespace Portal.Features.Playground;

/// <summary>Runs prompts before they are published, through the engine that serves them afterwards.</summary>
public static class PlaygroundModule
{
    public static IServiceCollection AddPlayground(this IServiceCollection services)
    {
        services.AddSingleton(provider => ProviderCatalog.Create(ProviderCatalog.CreateHttpClient(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<FlowEngine>();
        services.AddSingleton<ModelResolver>();
        services.AddSingleton<PromptSurroundings>();
        services.AddSingleton<PromptPreview>();
        services.AddSingleton<RunJournal>();
        services.AddSingleton<RunStore>();
        services.AddHostedService(provider => provider.GetRequiredService<RunStore>());
        return services;
    }
}
