using Portal.Auth;
using Portal.Features.Exchange.Export;

namespace Portal.Features.Exchange;

/// <summary>The REST API of exports of prompts.</summary>
internal static class PromptExportApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/namespaces/{namespace}/prompt-export").WithTags("Export").Requires(Permission.ReadNamespace)
            .ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("", ExportAsync).WithName("ExportPrompts").WithSummary("Prompts as a file")
            .WithDescription("as: Zip (all, with revisions), Dotprompt (one), Manifest, OpenAi or Langfuse. prompt names one, and may be there many times; what=published leaves drafts out.")
            .Produces<string>(StatusCodes.Status200OK, "application/octet-stream");
        api.MapGet("/report", ReportAsync).WithName("ReportPromptExport").WithSummary("What the file would not hold").Produces<IReadOnlyList<ExportNote>>();
    }

    private static async Task<IResult> ExportAsync(
        string @namespace, PromptExports exports, CurrentUser user, CancellationToken cancellationToken, string? @as = null, string[]? prompt = null, string? what = null, bool revisions = true)
    {
        if (Parse(@as, prompt, what, revisions) is not { } request)
        {
            return Bad();
        }

        var file = await exports.ExportAsync(user, @namespace, request, cancellationToken);
        return file.Content is { } content
            ? Results.File(content, file.ContentType, file.FileName)
            : Results.Problem(file.Problem, statusCode: StatusCodes.Status400BadRequest, title: "Nothing to export");
    }

    private static async Task<IResult> ReportAsync(
        string @namespace, PromptExports exports, CurrentUser user, CancellationToken cancellationToken, string? @as = null, string[]? prompt = null, string? what = null)
    {
        if (Parse(@as, prompt, what, revisions: false) is not { } request)
        {
            return Bad();
        }

        var file = await exports.PreviewAsync(user, @namespace, request, cancellationToken);
        return file.Content is not null ? Results.Ok(file.Notes) : Results.Problem(file.Problem, statusCode: StatusCodes.Status400BadRequest, title: "Nothing to export");
    }

    private static ExportRequest? Parse(string? @as, string[]? prompts, string? what, bool revisions) =>
        Enum.TryParse<ExportFormat>(@as ?? nameof(ExportFormat.Zip), ignoreCase: true, out var format) && Enum.IsDefined(format) && what is null or "draft" or "published"
            ? new ExportRequest(format, prompts ?? [], what == "published", revisions)
            : null;

    private static IResult Bad() => Results.Problem(
        $"as must be one of {string.Join(", ", Enum.GetNames<ExportFormat>())}, and what draft or published.", statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
}
