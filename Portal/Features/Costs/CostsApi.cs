using Portal.Auth;
using Portal.Features.Costs.Calls;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs;

/// <summary>The REST API of costs: the same query as the page's address, as JSON or CSV. Days are those of <c>tz</c>, or UTC.</summary>
internal static class CostsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/costs").WithTags("Costs");
        api.MapGet("", ReportAsync).WithName("GetCosts").Requires(Permission.ReadNamespace, somewhere: true)
            .Produces<CostAnswer>().ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/calls", CallsAsync).WithName("ListPricedCalls").Requires(Permission.ReadNamespace, somewhere: true)
            .Produces<CallListAnswer>().ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("/calls/{id}", CallAsync).WithName("GetPricedCall").Requires(Permission.ReadNamespace, somewhere: true)
            .Produces<CallAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ReportAsync(HttpContext http, CurrentUser user, CostReports reports, TimeProvider clock, string? format, CancellationToken cancellationToken)
    {
        var (view, errors) = CostAddress.Parse(http.Request.QueryString.Value);
        if (WrongFormat(format) is { } wrong)
        {
            errors = [.. errors, wrong];
        }

        if (errors.Count > 0)
        {
            return Bad(string.Join(' ', errors));
        }

        var report = await reports.QueryAsync(user, view.ToQuery(clock.GetUtcNow().UtcDateTime, TimeZoneInfo.Utc), cancellationToken);
        return format == "csv" ? Csv("costs.csv", CostCsv.Of(report)) : Results.Ok(CostAnswer.Of(report));
    }

    private static async Task<IResult> CallsAsync(
        HttpContext http, CurrentUser user, CostCalls calls, TimeProvider clock, string? format, string? only, string? after, CancellationToken cancellationToken, int limit = 100)
    {
        var (view, errors) = CostAddress.Parse(http.Request.QueryString.Value);
        var choice = only switch { null => CallChoice.All, "unpriced" => CallChoice.Unpriced, "errors" => CallChoice.Errors, _ => (CallChoice?)null };
        errors = [.. errors, .. new[] { WrongFormat(format), choice is null ? "only must be unpriced or errors." : null, limit is < 1 or > CostCalls.MostOfPage ? $"limit must be from 1 to {CostCalls.MostOfPage}." : null }.OfType<string>()];
        if (errors.Count > 0)
        {
            return Bad(string.Join(' ', errors));
        }

        try
        {
            var query = view.ToQuery(clock.GetUtcNow().UtcDateTime, TimeZoneInfo.Utc);
            var page = await calls.ListAsync(user, query, choice!.Value, after, format == "csv" ? CostCalls.MostOfPage : limit, cancellationToken);
            return format == "csv"
                ? new CallsCsv(page, next => calls.ListAsync(user, query, choice.Value, next, CostCalls.MostOfPage, cancellationToken))
                : Results.Ok(new CallListAnswer([.. page.Items.Select(CallAnswer.Of)], page.Next));
        }
        catch (FormatException exception)
        {
            return Bad(exception.Message);
        }
    }

    private static async Task<IResult> CallAsync(string id, CurrentUser user, CostCalls calls, CancellationToken cancellationToken) =>
        await calls.FindAsync(user, id, cancellationToken) is { } detail
            ? Results.Ok(CallAnswer.Of(detail.Priced) with { Release = detail.ReleaseId })
            : Results.Problem("There is no such call, or none in a namespace you may see.", statusCode: StatusCodes.Status404NotFound);

    private static string? WrongFormat(string? format) => format is null or "json" or "csv" ? null : "format must be json or csv.";

    private static IResult Csv(string name, string text) => Results.File(System.Text.Encoding.UTF8.GetBytes(text), "text/csv; charset=utf-8", name);

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
}
