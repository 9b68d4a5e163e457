using Portal.Auth;
using Portal.Features.Notifications;

namespace Portal.Features.Digests;

/// <summary>The REST API of weekly digests.</summary>
internal static class DigestsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/namespaces/{namespace}/digest").WithTags("Digests");
        api.MapGet("", async (string @namespace, DigestStore store, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken) =>
                DigestAnswer.Of(await store.FindAsync(user, @namespace, cancellationToken), vault))
            .WithName("GetDigest").WithSummary("Who is told of a namespace's weeks").Requires(Permission.ManageBudgets);
        api.MapPut("", SetAsync).WithName("SetDigest").WithSummary("Say who is told of a namespace's weeks").Requires(Permission.ManageBudgets).Produces<DigestAnswer>()
            .ProducesValidationProblem();
        api.MapGet("/preview", PreviewAsync).WithName("PreviewDigest").WithSummary("What is told of the newest week that is over").Requires(Permission.ReadNamespace).Produces<DigestPreview>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> SetAsync(string @namespace, DigestBody body, DigestStore store, WebhookVault vault, CurrentUser user, CancellationToken cancellationToken)
    {
        var problems = await store.SetAsync(user, @namespace, body, cancellationToken);
        return problems.Count == 0 ? Results.Ok(DigestAnswer.Of(await store.FindAsync(user, @namespace, cancellationToken), vault)) : Results.ValidationProblem(
            problems.GroupBy(problem => problem.Field).ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray()),
            detail: string.Join(" ", problems.Select(problem => $"{problem.Field}: {problem.Message}")), title: "The digest has errors");
    }

    private static async Task<IResult> PreviewAsync(
        string @namespace, DigestReports reports, DigestMessages messages, CurrentUser user, TimeProvider clock, CancellationToken cancellationToken, string timeZone = "UTC")
    {
        if (timeZone.Length > 256 || !TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            return Results.Problem("timeZone: There is no such time zone; write one like Europe/Berlin or UTC.", statusCode: StatusCodes.Status400BadRequest);
        }

        var message = messages.Of(await reports.ReadAsync(user, @namespace, DigestWeek.At(zone, clock.GetUtcNow()), zone, cancellationToken));
        return Results.Ok(new DigestPreview(message.Subject, message.Body, message.Payload));
    }
}

/// <param name="Webhook">The host and a mark of the address; the address itself is not told.</param>
public sealed record DigestAnswer(bool IsOn, string TimeZone, IReadOnlyList<string> Emails, string? Webhook)
{
    internal static DigestAnswer Of(Digest digest, WebhookVault vault) => new(digest.IsOn, digest.TimeZone, digest.Emails, vault.Describe(digest.Webhook));
}

/// <param name="Payload">As webhooks get it.</param>
public sealed record DigestPreview(string Subject, string Body, JsonObject Payload);
