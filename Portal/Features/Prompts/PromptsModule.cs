using Portal.Components.Palette;
using Portal.Features.Prompts.Branches;
using Portal.Features.Prompts.Forms;
using Portal.Features.Prompts.Partials;
using Portal.Features.Releases;

namespace Portal.Features.Prompts;

/// <summary>Writing, testing and publishing prompts.</summary>
public static class PromptsModule
{
    public static IServiceCollection AddPrompts(this IServiceCollection services)
    {
        services.AddSingleton<PromptCatalog>();
        services.AddSingleton<IPaletteSource, PromptPalette>();
        services.AddSingleton<PartialLibrary>();
        services.AddSingleton<PartialUpgrades>();
        services.AddSingleton<PromptCheck>();
        services.AddSingleton<PromptChoices>();
        services.AddSingleton<DraftStore>();
        services.AddSingleton<PromptCommands>();
        services.AddSingleton<EditorPresence>();
        services.AddSingleton<BranchStore>();
        services.AddSingleton<PromptActivity>();
        services.AddSingleton<PromptReleases>();
        services.AddSingleton<IReleaseCheck>(provider => provider.GetRequiredService<PromptReleases>());
        services.AddSingleton<IReleaseListener>(provider => provider.GetRequiredService<PromptReleases>());

        // A body that is not the JSON asked for becomes an exception, and that a problem with its reason.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    public static void MapPromptsApi(this IEndpointRouteBuilder app) => PromptsApi.Map(app);
}
