using Portal.Auth;

namespace Portal.Endpoints;

/// <summary>One thing that must be in order before the portal takes work.</summary>
public interface IReadinessCheck
{
    /// <summary>Null when in order, else what is missing, for people.</summary>
    ValueTask<string?> FindProblemAsync(CancellationToken cancellationToken);
}

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: the cluster is in sync and the database opens.</summary>
public static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz", () => Results.Text("ok")).OpenToAll("Says that the process answers.").ExcludeFromDescription();
        app.MapGet("/readyz", ReadyAsync).OpenToAll("Asked by the kubelet; names what is missing, not what there is.").ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(IEnumerable<IReadinessCheck> checks, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var check in checks)
        {
            if (await check.FindProblemAsync(cancellationToken) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return problems.Count == 0
            ? Results.Text("ok")
            : Results.Text(string.Join('\n', problems), statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
