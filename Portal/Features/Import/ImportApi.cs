using Microsoft.AspNetCore.Mvc;
using Portal.Auth;

namespace Portal.Features.Import;

/// <summary>The REST API of the importer.</summary>
internal static class ImportApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/api/v1/namespaces/{namespace}/import", ImportAsync)
        .WithMetadata(new RequestSizeLimitAttribute(ManifestFile.MaxLength))
        .WithTags("Import").WithName("Import").WithSummary("Import manifests")
        .WithDescription("The body is YAML or JSON: one object, many documents, or lists. dryRun only says what would become of each; force takes over fields of other managers.")
        .Requires(Permission.ManageFlows)
        .Produces<ImportReport>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private static async Task<IResult> ImportAsync(
        string @namespace, HttpRequest request, Importer importer, CurrentUser user, CancellationToken cancellationToken, bool dryRun = false, bool force = false)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(cancellationToken);
        try
        {
            return Results.Ok(await importer.ImportAsync(text, new ImportOptions(@namespace, dryRun, force), user, cancellationToken));
        }
        catch (ImportException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
        }
    }
}
