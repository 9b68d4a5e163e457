using Microsoft.AspNetCore.Mvc;
using Portal.Auth;
using Portal.Features.Exchange.Reading;

namespace Portal.Features.Exchange;

/// <summary>The REST API of imports of prompts.</summary>
internal static class PromptImportApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/namespaces/{namespace}/prompt-imports").WithTags("Import");
        api.MapPost("", ImportAsync).WithMetadata(new RequestSizeLimitAttribute(ExchangeLimits.Upload)).Requires(Permission.EditDraft)
            .WithName("ImportPrompts").WithSummary("Import prompts as drafts")
            .WithDescription(
                "The body is one file (a .prompt document, zip, manifest, or JSON of OpenAI or Langfuse; name= is its file name), or multipart/form-data with several. "
                + "conflict: KeepDrafts, Skip, Replace or Rename. dryRun only says what would become of each. Nothing is published. Closing the connection stops it; what was written stays.")
            .Produces<PromptImport>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge);
        api.MapGet("", (string @namespace, PromptImports imports, CurrentUser user, CancellationToken cancellationToken) => imports.ListAsync(user, @namespace, cancellationToken))
            .Requires(Permission.EditDraft).WithName("ListPromptImports").WithSummary("The newest imports, without their prompts");
        api.MapGet("/{id}", FindAsync).Requires(Permission.EditDraft).WithName("GetPromptImport").WithSummary("An import, under way or ended").Produces<PromptImport>()
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/{id}", (string @namespace, string id, PromptImports imports, CurrentUser user) =>
                imports.Stop(user, @namespace, id) ? Results.Accepted() : NotFound(@namespace, id))
            .Requires(Permission.EditDraft).WithName("StopPromptImport").WithSummary("Stop an import before its next prompt").Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ImportAsync(
        string @namespace, HttpRequest request, PromptImports imports, CurrentUser user, CancellationToken cancellationToken, string? name = null, string? format = null,
        string? conflict = null, bool dryRun = false)
    {
        if (!TryParse<PromptFormat>(format, out var given) || !TryParse<ConflictRule>(conflict, out var rule))
        {
            return Bad($"format must be one of {string.Join(", ", Enum.GetNames<PromptFormat>())}, and conflict one of {string.Join(", ", Enum.GetNames<ConflictRule>())}.");
        }

        var files = await ReadAsync(request, name, cancellationToken);
        if (files.Count == 0)
        {
            return Bad("There is no file in the body.");
        }

        var import = await imports.PrepareAsync(user, @namespace, files, given, rule ?? ConflictRule.KeepDrafts, cancellationToken);
        if (!dryRun)
        {
            import = (await imports.RunAsync(user, @namespace, import.Id, cancellationToken))!;
        }

        return Results.Ok(import with { Items = [.. import.Items.Select(item => dryRun ? item : item with { Content = null })] });
    }

    private static async Task<IReadOnlyList<SourceFile>> ReadAsync(HttpRequest request, string? name, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType)
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellationToken);
            return body.Length == 0 ? [] : [new SourceFile(NameOf(name ?? ""), body.ToArray())];
        }

        var files = new List<SourceFile>();
        try
        {
            foreach (var part in (await request.ReadFormAsync(cancellationToken)).Files)
            {
                using var content = new MemoryStream();
                await part.CopyToAsync(content, cancellationToken);
                files.Add(new SourceFile(NameOf(part.FileName), content.ToArray()));
            }
        }
        catch (InvalidDataException exception)
        {
            throw new BadHttpRequestException($"The form cannot be read: {exception.Message}", exception);
        }

        return files;
    }

    private static async Task<IResult> FindAsync(string @namespace, string id, PromptImports imports, CurrentUser user, CancellationToken cancellationToken) =>
        await imports.FindAsync(user, @namespace, id, cancellationToken) is { } import ? Results.Ok(import) : NotFound(@namespace, id);

    /// <summary>A browser may send a whole path; only its last part says anything.</summary>
    internal static string NameOf(string name) => name[(name.LastIndexOfAny(['/', '\\']) + 1)..];

    private static bool TryParse<T>(string? text, out T? value) where T : struct, Enum
    {
        value = Enum.TryParse<T>(text, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed) ? parsed : null;
        return text is null || value is not null;
    }

    private static IResult NotFound(string @namespace, string id) =>
        Results.Problem($"There is no import \"{id}\" in namespace \"{@namespace}\", or it has ended.", statusCode: StatusCodes.Status404NotFound, title: "Not found");

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
}
