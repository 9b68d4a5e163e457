using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Revisions;
using Portal.Features.Releases.States;

namespace Portal.Features.Releases;

/// <summary>The REST API of releases and revisions: the same desk, rules and record as the pages. Errors are problem+json.</summary>
internal static class ReleasesApi
{
    private const int MaximumBody = 8 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/releases").WithTags("Releases").WithMetadata(new RequestSizeLimitAttribute(MaximumBody))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("", ListAsync).Requires(Permission.ReadNamespace, somewhere: true).WithName("ListReleases").WithSummary("Requests, newest first").Produces<ReleaseAnswers>();
        api.MapGet("/{id:long}", GetAsync).Requires(Permission.ReadNamespace, somewhere: true).WithName("GetRelease").WithSummary("One request with its history")
            .Produces<ReleaseAnswer>();
        api.MapPost("", SubmitAsync).Requires(Permission.SubmitRelease, somewhere: true).WithName("SubmitRelease")
            .WithSummary("Ask for a release").WithDescription("200 when the policy let it out at once, 202 when it waits for people, time or the cluster.")
            .Produces<ReleaseAnswer>().Produces<ReleaseAnswer>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPut("/{id:long}", ReviseAsync).Requires(Permission.SubmitRelease, somewhere: true).WithName("ReviseRelease")
            .WithSummary("Replace the content; approvals of the old one do not count any more").Produces<ReleaseAnswer>();
        Decision<VerdictBody>(api, "approve", "ApproveRelease", "Agree to exactly this content", Permission.ApproveRelease, body => new ReleaseCommand.Approve(body.Hash, body.Comment));
        Decision<VerdictBody>(api, "request-changes", "RequestChanges", "Ask for another content", Permission.ApproveRelease, body => new ReleaseCommand.RequestChanges(body.Hash, body.Comment ?? ""));
        Decision<VerdictBody>(api, "reject", "RejectRelease", "Reject for good", Permission.ApproveRelease, body => new ReleaseCommand.Reject(body.Hash, body.Comment ?? ""));
        Decision<CommentBody>(api, "withdraw", "WithdrawRelease", "Take a request back", Permission.SubmitRelease, body => new ReleaseCommand.Withdraw(body.Comment));
        Decision<CommentBody>(api, "comment", "CommentRelease", "Say something", Permission.Comment, body => new ReleaseCommand.Say(body.Comment ?? ""));
        Decision<CommentBody>(api, "retry", "RetryRelease", "Try again what the cluster refused", Permission.ReadNamespace, _ => new ReleaseCommand.Retry());
        Decision<VerdictBody>(api, "break-glass", "BreakGlass", "Publish past the policy, with a reason that everyone sees", Permission.BreakGlass,
            body => new ReleaseCommand.BreakGlass(body.Hash, body.Comment ?? ""));
        app.MapGet("/api/v1/environments", (EnvironmentDirectory environments) => new EnvironmentList(environments.All)).WithTags("Releases")
            .Requires(Permission.ReadNamespace, somewhere: true).WithName("ListEnvironments").WithSummary("Environments with their policies");
        app.MapGet("/api/v1/namespaces/{namespace}/revisions/{kind}/{name}", ListRevisionsAsync).WithTags("Revisions").Requires(Permission.ReadNamespace).WithName("ListObjectRevisions")
            .WithSummary("The states of an object of a kind that can be released, newest first, those seen in the cluster too").Produces<RevisionList>().ProducesProblem(StatusCodes.Status404NotFound);
        app.MapGet("/api/v1/namespaces/{namespace}/revisions/{kind}/{name}/{number:int}",
                async (string @namespace, string kind, string name, int number, RevisionStore store, CancellationToken cancellationToken) =>
                    await store.FindAsync(kind, @namespace, name, number, cancellationToken) is { } revision ? Results.Ok(revision) : NotFound($"There is no revision {number} of {kind} \"{name}\" in namespace \"{@namespace}\"."))
            .WithTags("Revisions").Requires(Permission.ReadNamespace).WithName("GetObjectRevision").WithSummary("One state of an object").Produces<Revision>().ProducesProblem(StatusCodes.Status404NotFound);
        var revisions = app.MapGroup("/api/v1/namespaces/{namespace}/prompts/{name}/revisions").WithTags("Revisions").ProducesProblem(StatusCodes.Status404NotFound);
        revisions.MapGet("", async (string @namespace, string name, RevisionStore store, CancellationToken cancellationToken) =>
                new RevisionList(await store.ListAsync("Prompt", @namespace, name, cancellationToken)))
            .Requires(Permission.ReadNamespace).WithName("ListRevisions").WithSummary("The states of a prompt, newest first");
        revisions.MapGet("/{number:int}", FindRevisionAsync).Requires(Permission.ReadNamespace).WithName("GetRevision").WithSummary("One state of a prompt").Produces<Revision>();
    }

    private static async Task<IResult> ListRevisionsAsync(string @namespace, string kind, string name, RevisionStore store, CancellationToken cancellationToken) =>
        ReleaseKinds.Find(kind) is null
            ? NotFound($"\"{kind}\" is not a kind that can be released. It can be {string.Join(", ", ReleaseKinds.All.Select(item => item.Kind))}.")
            : Results.Ok(new RevisionList(await store.ListAsync(kind, @namespace, name, cancellationToken)));

    private static void Decision<TBody>(
        IEndpointRouteBuilder api, string verb, string operation, string summary, Permission permission, Func<TBody, ReleaseCommand> command) where TBody : class =>
        api.MapPost($"/{{id:long}}/{verb}", async (long id, TBody body, ReleaseDesk desk, ReleaseList list, CurrentUser user, CancellationToken cancellationToken) =>
                await AnswerAsync(await desk.ExecuteAsync(id, command(body), user, cancellationToken), list, user, cancellationToken))
            .Requires(permission, somewhere: true).WithName(operation).WithSummary(summary).Produces<ReleaseAnswer>().Produces<ReleaseAnswer>(StatusCodes.Status202Accepted);

    private static async Task<IResult> ListAsync(ReleaseList list, CurrentUser user, CancellationToken cancellationToken, ReleaseView view = ReleaseView.All, string? @namespace = null) =>
        Results.Ok(new ReleaseAnswers([.. (await list.ListAsync(view, @namespace, user, cancellationToken)).Select(ReleaseAnswer.Of)]));

    private static async Task<IResult> GetAsync(long id, ReleaseList list, CurrentUser user, CancellationToken cancellationToken) =>
        await list.FindAsync(id, user, cancellationToken) is { } detail ? Results.Ok(ReleaseAnswer.Of(detail)) : NotFound($"There is no release {id}.");

    private static async Task<IResult> SubmitAsync(
        ReleaseBody body, ReleaseDesk desk, ReleaseList list, CurrentUser user, CancellationToken cancellationToken) =>
        await AnswerAsync(await desk.SubmitAsync(body.ToSubmission(), user, cancellationToken), list, user, cancellationToken);

    private static async Task<IResult> ReviseAsync(
        long id, ReleaseBody body, ReleaseDesk desk, ReleaseList list, CurrentUser user, CancellationToken cancellationToken) =>
        await AnswerAsync(await desk.ReviseAsync(id, body.ToSubmission(), user, cancellationToken), list, user, cancellationToken);

    private static async Task<IResult> FindRevisionAsync(string @namespace, string name, int number, RevisionStore store, CancellationToken cancellationToken) =>
        await store.FindAsync("Prompt", @namespace, name, number, cancellationToken) is { } revision
            ? Results.Ok(revision)
            : NotFound($"There is no revision {number} of prompt \"{name}\" in namespace \"{@namespace}\".");

    private static async Task<IResult> AnswerAsync(ReleaseResult result, ReleaseList list, CurrentUser user, CancellationToken cancellationToken)
    {
        if (result.Refusal is { } refusal)
        {
            return Problem(refusal, result);
        }

        var answer = ReleaseAnswer.Of((await list.FindAsync(result.Release!.Id, user, cancellationToken))!);
        return result.Release.Status is ReleaseStatus.Open or ReleaseStatus.Approved or ReleaseStatus.Publishing ? Results.Accepted($"/api/v1/releases/{answer.Id}", answer)
            : Results.Ok(answer);
    }

    internal static IResult Problem(Refusal refusal, ReleaseResult result) => refusal.Reason switch
    {
        RefusalReason.NotFound => NotFound(refusal.Message),
        RefusalReason.Forbidden => Results.Problem(refusal.Message, statusCode: StatusCodes.Status403Forbidden, title: "Not allowed"),
        RefusalReason.Conflict => Results.Problem(refusal.Message, statusCode: StatusCodes.Status409Conflict, title: "Changed meanwhile"),
        _ when result.Problems.Count > 0 => Results.Problem(refusal.Message, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The prompt has errors",
            extensions: new Dictionary<string, object?> { ["problems"] = result.Problems }),
        _ => Results.Problem(refusal.Message, statusCode: StatusCodes.Status422UnprocessableEntity, title: "It cannot be published"),
    };

    private static IResult NotFound(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status404NotFound, title: "Not found");
}

/// <summary>A decision about exactly one content.</summary>
public sealed record VerdictBody
{
    [Description("The hash of the request as it was looked at: another content since then refuses the decision.")]
    public required string Hash { get; init; }

    [Description("Required to request changes, to reject and to break the glass.")]
    public string? Comment { get; init; }
}

public sealed record CommentBody
{
    public string? Comment { get; init; }
}

public sealed record ReleaseBody
{
    [Description("An environment; its namespaces are the targets.")]
    public string? Environment { get; init; }

    [Description("One namespace, when no environment is named.")]
    public string? Namespace { get; init; }

    public required IReadOnlyList<ReleaseObjectBody> Objects { get; init; }

    [Description("What changes, and why.")]
    public string? Message { get; init; }

    [Description("Not before this time.")]
    public DateTimeOffset? PublishAt { get; init; }

    internal ReleaseSubmission ToSubmission() => new()
    {
        Environment = Environment,
        Namespace = Namespace,
        // JSON may say null wherever it likes; the desk refuses what has no name.
        Objects = [.. (Objects ?? []).Select(item => item?.ToObject() ?? new ReleaseObject("", "", ""))],
        Message = Message ?? "",
        PublishAt = PublishAt,
    };
}

public sealed record ReleaseObjectBody
{
    public string Kind { get; init; } = "Prompt";
    public required string Name { get; init; }

    [Description("The document, of a Prompt.")]
    public string? Content { get; init; }

    [Description("The spec, of other kinds.")]
    public JsonObject? Spec { get; init; }

    [Description("Takes fields over that other managers own.")]
    public bool Force { get; init; }

    [Description("Takes the object away; it has neither content nor spec then.")]
    public bool Delete { get; init; }

    internal ReleaseObject ToObject() => new(Kind ?? "", Name ?? "", Content ?? Spec?.ToJsonString() ?? "") { Force = Force, Deletes = Delete };
}

public sealed record ReleaseAnswers(IReadOnlyList<ReleaseAnswer> Items);

public sealed record RevisionList(IReadOnlyList<RevisionEntry> Items);

public sealed record EnvironmentList(IReadOnlyList<ReleaseEnvironment> Items);

/// <summary>A request as the REST API shows it.</summary>
public sealed record ReleaseAnswer
{
    public required long Id { get; init; }
    public required ReleaseStatus Status { get; init; }

    [Description("What a decision must name.")]
    public required string Hash { get; init; }

    public required string Environment { get; init; }
    public required string Message { get; init; }
    public required string RequestedBy { get; init; }
    public required DateTime CreatedAt { get; init; }
    public DateTime? PublishAt { get; init; }
    public DateTime? ExpiresAt { get; init; }

    [Description("Why the policy was set aside.")]
    public string? Bypass { get; init; }

    [Description("Why publishing failed.")]
    public string? Problem { get; init; }

    public required IReadOnlyList<ReleaseItem> Objects { get; init; }
    public required IReadOnlyList<Review> Reviews { get; init; }

    [Description("Empty in lists.")]
    public required IReadOnlyList<ReleaseEvent> History { get; init; }

    internal static ReleaseAnswer Of(ReleaseDetail detail) => new()
    {
        Id = detail.Release.Id,
        Status = detail.Release.Status,
        Hash = detail.Release.Hash,
        Environment = detail.Release.Environment,
        Message = detail.Release.Message,
        RequestedBy = detail.Release.RequesterName,
        CreatedAt = detail.Release.CreatedAt,
        PublishAt = detail.Release.PublishAt,
        ExpiresAt = detail.Release.ExpiresAt,
        Bypass = detail.Release.Bypass,
        Problem = detail.Release.Problem,
        Objects = detail.Items,
        Reviews = detail.State.Reviews,
        History = detail.Events,
    };
}
