using System.Globalization;
using Portal.Embedded;
using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary><c>GET /api/v1/budgets/state</c>: tells runners which budgets stop calls and what is kept of the others, as soon as that changes when they wait for it.</summary>
internal sealed class BudgetStateEndpoint(RunnerOrders orders, UsageToken token, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    public async Task<IResult> AnswerAsync(HttpContext context)
    {
        if (!(context.Request.Headers.Authorization is [{ } value] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && token.Accepts(value[7..].Trim())))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem("The token for usage is missing or wrong (header Authorization: Bearer TOKEN).", statusCode: StatusCodes.Status401Unauthorized);
        }

        var wait = context.Request.Query["wait"].ToString();
        var seconds = 0;
        if (wait.Length > 0 && !(int.TryParse(wait, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds <= BudgetStops.MaxWait))
        {
            return Results.Problem($"wait must be a number of seconds up to {BudgetStops.MaxWait}.", statusCode: StatusCodes.Status400BadRequest);
        }

        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, context.RequestAborted, lifetime.ApplicationStopping);
        var known = context.Request.Headers.IfNoneMatch is [{ Length: > 0 } tag] ? tag : null;
        var (stops, current) = await orders.WaitAsync(context.Request.Query["namespace"] is [{ Length: > 0 } name] ? name : null, known, either.Token);
        context.Response.Headers.ETag = current;
        context.Response.Headers.CacheControl = "no-store";
        return current == known ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Json(stops, BudgetJson.Default.BudgetStops);
    }
}
