using Portal.Auth;
using Portal.Data;

namespace Portal.Features.Usage.Recompute;

/// <summary>The REST API of recomputations.</summary>
internal static class RecomputeApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/prices/recompute").WithTags("Prices");
        api.MapGet("", async (Recomputations jobs, CancellationToken cancellationToken) => new RecomputationList([.. (await jobs.ListAsync(cancellationToken)).Select(RecomputationItem.Of)]))
            .Requires(Permission.ReadNamespace, somewhere: true).WithName("ListRecomputations");
        api.MapPost("/preview", async (RecomputeRequest request, Recomputations jobs, CurrentUser user, CancellationToken cancellationToken) =>
                new RecomputePreview(await jobs.PreviewAsync(user, request.From, cancellationToken)))
            .Requires(Permission.ManageSettings).WithName("PreviewRecomputation").WithSummary("What past calls would cost by the prices of now, by model");
        api.MapPost("", async (RecomputeRequest request, Recomputations jobs, CurrentUser user, CancellationToken cancellationToken) =>
                await jobs.BeginAsync(user, request.From, cancellationToken) is { } job
                    ? Results.Accepted("/api/v1/prices/recompute", RecomputationItem.Of(job))
                    : Results.Problem("A recomputation is under way. Wait until it ends, or cancel it.", statusCode: StatusCodes.Status409Conflict))
            .Requires(Permission.ManageSettings).WithName("BeginRecomputation").Produces<RecomputationItem>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/{id:long}", async (long id, Recomputations jobs, CurrentUser user, CancellationToken cancellationToken) =>
                await jobs.CancelAsync(user, id, cancellationToken) ? Results.NoContent() : Results.Problem("It has ended.", statusCode: StatusCodes.Status404NotFound))
            .Requires(Permission.ManageSettings).WithName("CancelRecomputation").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }
}

/// <param name="From">Calls from this instant on.</param>
public sealed record RecomputeRequest(DateTimeOffset From);

public sealed record RecomputePreview(IReadOnlyList<ModelDifference> Models);

public sealed record RecomputationList(IReadOnlyList<RecomputationItem> Items);

/// <param name="Calls">Calls reckoned so far, of <paramref name="Total"/>.</param>
/// <param name="Changed">Of those, the ones that do not cost what they did.</param>
public sealed record RecomputationItem(
    long Id, string State, DateTimeOffset From, long Total, long Calls, long Changed, string RequestedBy, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt,
    IReadOnlyList<ModelDifference> Models)
{
    internal static RecomputationItem Of(Recomputation job) => new(
        job.Id, job.State, DateTimeOffset.FromUnixTimeSeconds(job.FromSecond), job.Total, job.Calls, job.Changed, job.RequestedBy, job.RequestedAt, job.FinishedAt,
        JsonSerializer.Deserialize<List<ModelDifference>>(job.Difference)!);
}
