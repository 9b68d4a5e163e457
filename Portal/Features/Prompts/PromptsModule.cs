namespace Portal.Features.Prompts;

/// <summary>Writing, testing and publishing prompts.</summary>
public static class PromptsModule
{
    public static IServiceCollection AddPrompts(this IServiceCollection services)
    {
        services.AddSingleton<PromptCatalog>();
        services.AddSingleton<PromptCheck>();
        services.AddSingleton<DraftStore>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<PromptActivity>();
        services.AddHostedService<PublicationRetry>();
        return services;
    }
}
