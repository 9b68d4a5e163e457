using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Audit;

/// <summary>The REST API of the audit log: list, verify, export, and the newest signed head to keep elsewhere.</summary>
internal static class AuditApi
{
    private const int MostRows = 1000;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/audit").WithTags("Audit");
        api.MapGet("", ListAsync).WithName("ListAudit").Requires(Permission.ReadAudit, somewhere: true)
            .Produces<AuditPageAnswer>().ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/export", Export).WithName("ExportAudit").Requires(Permission.ReadAudit, somewhere: true)
            .Produces(StatusCodes.Status200OK, contentType: AuditExport.JsonLinesType).ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/head", HeadAsync).WithName("GetAuditHead").Requires(Permission.ReadAudit);
        api.MapPost("/verify", VerifyAsync).WithName("VerifyAudit").Requires(Permission.ReadAudit).Produces<AuditVerdict>().ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ListAsync(HttpContext http, CurrentUser user, AuditReader reader, long? before, CancellationToken cancellationToken, int limit = 100)
    {
        var (filter, error) = FilterOf(http);
        if (error is not null || limit is < 1 or > MostRows)
        {
            return Bad(error ?? $"limit must be from 1 to {MostRows}.");
        }

        var rows = await reader.ListAsync(user, filter, before, limit, cancellationToken);
        return Results.Json(new AuditPageAnswer([.. rows.Select(AuditItem.Of)], rows.Count == limit ? rows[^1].Sequence : null), AuditJson.Options);
    }

    private static IResult Export(HttpContext http, CurrentUser user, AuditReader reader, string? format)
    {
        var (filter, error) = FilterOf(http);
        return error is not null ? Bad(error)
            : format is not (null or "jsonl" or "csv") ? Bad("format must be jsonl or csv.")
            : new AuditExport(reader, user, filter, format == "csv");
    }

    private static async Task<IResult> HeadAsync(PortalDatabase database, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.AuditHeads.OrderByDescending(head => head.Sequence).FirstOrDefaultAsync(cancellationToken)) is { } head
            ? Results.Text(AuditJson.Write(head), "application/json")
            : Results.Problem("Nothing was signed yet; ask again in a few seconds.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> VerifyAsync(AuditVerifier verifier, [FromBody(EmptyBodyBehavior = Microsoft.AspNetCore.Mvc.ModelBinding.EmptyBodyBehavior.Allow)] JsonObject? head, CancellationToken cancellationToken)
    {
        AuditHead? kept = null;
        if (head is { Count: > 0 } && (kept = AuditJson.ReadHead(head.ToJsonString())) is null)
        {
            return Bad("The body is no signed head: send one as /api/v1/audit/head or an export gave it, or nothing.");
        }

        return Results.Json(await verifier.VerifyAsync(progress: null, kept, cancellationToken), AuditJson.Options);
    }

    private static (AuditFilter Filter, string? Error) FilterOf(HttpContext http) => AuditFilter.Parse(field => http.Request.Query[field]);

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
}

/// <param name="Items">Newest first.</param>
/// <param name="Next">What to send as <c>before</c> for older rows; null when there are none.</param>
internal sealed record AuditPageAnswer(IReadOnlyList<AuditItem> Items, long? Next);

/// <summary>A row, as programs see it.</summary>
internal sealed record AuditItem(
    long Sequence, DateTime At, Actor Actor, string Source, string Action, string Kind, string? Namespace, string? Name, string Result,
    IReadOnlyList<FieldChange> Changes, string? Reason, string? CorrelationId, string? Address, string Hash)
{
    public static AuditItem Of(AuditRow row) => new(
        row.Sequence, row.At, new Actor(row.ActorId, row.ActorName, Enum.TryParse<ActorKind>(row.ActorKind, out var kind) ? kind : ActorKind.User),
        row.Source, row.Action, row.Kind, row.Namespace, row.Name, row.Result, FieldDifference.Read(row.Changes), row.Reason, row.CorrelationId, row.Address, row.Hash);
}
