using Portal.Components.Palette;

namespace Portal.Features.Import;

/// <summary>Importing manifests: the page, and the REST API.</summary>
public static class ImportModule
{
    /// <param name="services">Needs <c>KubeClient</c>, <c>AdmissionChain</c> and the audit.</param>
    public static IServiceCollection AddImport(this IServiceCollection services)
    {
        services.AddSingleton<Importer>();
        services.AddSingleton<IPaletteSource, ImportPalette>();
        return services;
    }

    public static void MapImportApi(this IEndpointRouteBuilder app) => ImportApi.Map(app);

    private sealed class ImportPalette : IPaletteSource
    {
        public IEnumerable<PaletteEntry> Entries(string @namespace) =>
            [new("Do", "Import manifests", "upload_file", $"/ns/{Uri.EscapeDataString(@namespace)}/import")];
    }
}
