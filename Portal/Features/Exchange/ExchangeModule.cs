using Portal.Components.Palette;
using Portal.Features.Exchange.Export;

namespace Portal.Features.Exchange;

/// <summary>Prompts from and to other places: files, archives, manifests and other products.</summary>
public static class ExchangeModule
{
    public static IServiceCollection AddExchange(this IServiceCollection services)
    {
        services.AddSingleton<ImportStore>();
        services.AddSingleton<ImportWriter>();
        services.AddSingleton<PromptImports>();
        services.AddSingleton<PromptExports>();
        services.AddSingleton<IPaletteSource, ExchangePalette>();
        return services;
    }

    public static void MapExchangeApi(this IEndpointRouteBuilder app)
    {
        PromptImportApi.Map(app);
        PromptExportApi.Map(app);
    }

    private sealed class ExchangePalette : IPaletteSource
    {
        public IEnumerable<PaletteEntry> Entries(string @namespace)
        {
            var place = $"/ns/{Uri.EscapeDataString(@namespace)}";
            return
            [
                new("Do", "Import prompts from files, OpenAI or Langfuse", "upload_file", $"{place}/import/prompts"),
                new("Do", "Export prompts", "download", $"{place}/export/prompts"),
            ];
        }
    }
}
