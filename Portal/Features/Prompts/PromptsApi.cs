using Microsoft.AspNetCore.Mvc;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Data;
using Portal.Dotprompt.Documents;
using Portal.Features.Playground;
using Portal.Features.Releases;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>The REST API of prompts: what the pages do, for programs. Errors are problem+json.</summary>
internal static class PromptsApi
{
    /// <summary>Largest body in bytes: a document at its limit with every character escaped, and its input.</summary>
    private const int MaximumBody = 4 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/namespaces/{namespace}/prompts").WithTags("Prompts")
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBody))
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("", ListAsync).Requires(Permission.ReadNamespace).WithName("ListPrompts").WithSummary("Published prompts and drafts");
        api.MapGet("/{name}", GetAsync).Requires(Permission.ReadNamespace).WithName("GetPrompt").WithSummary("One prompt with its text, draft and problems")
            .Produces<PromptDetail>();
        api.MapPut("/{name}/draft", SaveDraftAsync).Requires(Permission.EditDraft).WithName("SaveDraft").WithSummary("Save a draft")
            .WithDescription("409 when lastSeen is given and somebody else saved since.").Produces<DraftDetail>().ProducesProblem(StatusCodes.Status409Conflict);
        api.MapDelete("/{name}/draft", DiscardDraftAsync).Requires(Permission.EditDraft).WithName("DiscardDraft").WithSummary("Throw a draft away")
            .Produces(StatusCodes.Status204NoContent);
        api.MapGet("/{name}/file", PromptFiles.GetAsync).Requires(Permission.ReadNamespace).WithName("GetPromptFile")
            .WithSummary("The draft, else the published text, as a manifest for a repository (as=manifest), or a patch of what is live (as=patch)")
            .Produces<string>(StatusCodes.Status200OK, "application/yaml");
        api.MapPost("/{name}/render", RenderAsync).Requires(Permission.ReadNamespace).WithName("RenderPrompt")
            .WithSummary("The messages a model would receive, without calling one").Produces<RenderAnswer>();
        api.MapPost("/{name}/run", PromptRunApi.RunAsync).Requires(Permission.Run).WithName("RunPrompt").Produces<RunAnswer>()
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .WithSummary("Run a prompt")
            .WithDescription(
                "Answers JSON when the run has ended, or server-sent events (chunk, done, error) when text/event-stream is accepted. "
                + "Closing the connection stops the run.");
        api.MapPost("/{name}/publish", PublishAsync).Requires(Permission.SubmitRelease).WithName("PublishPrompt").Produces<PublishAnswer>()
            .Produces<PublishAnswer>(StatusCodes.Status202Accepted)
            .WithSummary("Publish as a Prompt object")
            .WithDescription(
                "Goes through the policy of the namespace: 202 when it waits for approval, or while the cluster is away. 409 when somebody else owns the content; force takes it over.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapDelete("/{name}", DeleteAsync).Requires(Permission.DeletePrompt).WithName("DeletePrompt").WithSummary("Delete the Prompt object and its draft")
            .WithDescription("202 with a release request, and nothing is deleted yet, where the policy of the namespace asks for approvals or a freeze holds.")
            .Produces<DeletionAsked>(StatusCodes.Status202Accepted)
            .Produces(StatusCodes.Status204NoContent);
        app.MapGet("/api/v1/runs/{id}", PromptRunApi.FindAsync).WithTags("Prompts").Requires(Permission.ReadNamespace, somewhere: true).WithName("GetRun")
            .WithSummary("A run, under way or ended").Produces<RunAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>The given text, else the draft, else the published one.</summary>
    internal static async Task<string?> ContentAsync(string? given, string @namespace, string name, PromptCatalog catalog,
        DraftStore drafts, CancellationToken cancellationToken) =>
        given
        ?? (await drafts.FindAsync(@namespace, name, cancellationToken))?.Content
        ?? (catalog.Find(@namespace, name) is { } live ? PromptCatalog.SpecOf(live).Content : null);

    internal static IResult NotFound(string @namespace, string name) =>
        Results.Problem($"There is no prompt \"{name}\" in namespace \"{@namespace}\", and no draft of one.",
            statusCode: StatusCodes.Status404NotFound, title: "Not found");

    private static IResult NoNamespace(string @namespace) =>
        Results.Problem($"There is no namespace \"{@namespace}\".", statusCode: StatusCodes.Status404NotFound, title: "Not found");

    internal static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");

    private static async Task<IResult> ListAsync(string @namespace, PromptCatalog catalog, DraftStore drafts,
        CancellationToken cancellationToken) =>
        await catalog.NamespaceExistsAsync(@namespace, cancellationToken)
            ? Results.Ok(new PromptList(catalog.List(@namespace, await drafts.ListAsync(@namespace, cancellationToken))))
            : NoNamespace(@namespace);

    private static async Task<IResult> GetAsync(string @namespace, string name, PromptCatalog catalog, DraftStore drafts, PromptCheck check,
        CancellationToken cancellationToken)
    {
        var live = catalog.Find(@namespace, name);
        var draft = await drafts.FindAsync(@namespace, name, cancellationToken);
        if (live is null && draft is null)
        {
            return NotFound(@namespace, name);
        }

        var published = live is null ? null : PromptCatalog.SpecOf(live).Content;
        var found = check.Check(@namespace, name, draft?.Content ?? published!);
        return Results.Ok(new PromptDetail
        {
            Summary = live is not null ? catalog.EntryOf(live, draft is not null) : catalog.EntryOf(draft!),
            Content = published,
            Draft = draft is null ? null : new DraftDetail(draft.Content, draft.UpdatedAt),
            ResourceVersion = live?.ResourceVersion,
            Generation = live?.Generation,
            InputSchema = found.InputSchema,
            Problems = found.Problems,
        });
    }

    private static async Task<IResult> SaveDraftAsync(string @namespace, string name, DraftBody body, PromptCatalog catalog,
        DraftStore drafts, CurrentUser user, CancellationToken cancellationToken)
    {
        if (PromptName.Check(name) is { } badName)
        {
            return Bad($"name: {badName}");
        }

        if (PromptContent.Check(body.Content) is { } problem)
        {
            return Bad($"content: {problem}");
        }

        if (catalog.KnowsNamespaces && !await catalog.NamespaceExistsAsync(@namespace, cancellationToken))
        {
            return NoNamespace(@namespace);
        }

        var published = catalog.Find(@namespace, name) is { } live ? PromptCatalog.SpecOf(live).Content : null;
        var saved = await drafts.SaveAsync(user, @namespace, name, body.Content, published, body.LastSeen?.ToUniversalTime() ?? DateTime.MaxValue, cancellationToken);
        return saved is not null
            ? Results.Ok(new DraftDetail(saved.Content, saved.UpdatedAt))
            : Results.Problem("Somebody else saved this draft meanwhile. Read it again, and merge.", statusCode: StatusCodes.Status409Conflict, title: "Changed meanwhile");
    }

    private static async Task<IResult> DiscardDraftAsync(
        string @namespace, string name, DraftStore drafts, CurrentUser user, CancellationToken cancellationToken)
    {
        await drafts.DiscardAsync(user, @namespace, name, cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult> RenderAsync(
        string @namespace, string name, RenderBody body, PromptCatalog catalog, DraftStore drafts, PromptCheck check, PromptPreview preview,
        CancellationToken cancellationToken)
    {
        if (await ContentAsync(body.Content, @namespace, name, catalog, drafts, cancellationToken) is not { } content)
        {
            return NotFound(@namespace, name);
        }

        if (PromptContent.Check(content) is { } problem)
        {
            return Bad($"content: {problem}");
        }

        if (InputJson.Check(body.Input) is { } wrong)
        {
            return Bad($"input: {wrong}");
        }

        var rendered = preview.Render(@namespace, name, DotpromptDocument.Parse(content), body.Input ?? []);
        if (rendered.Problem is not null)
        {
            var place = new Dictionary<string, object?> { ["line"] = rendered.Place?.StartLine, ["column"] = rendered.Place?.StartColumn };
            return Results.Problem(
                rendered.Problem, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The prompt cannot be rendered", extensions: place);
        }

        var problems = check.Check(@namespace, name, content).Problems;
        return Results.Json(new RenderAnswer(rendered.Messages, rendered.InputSchema, rendered.OutputSchema, problems), PromptsJson.Options);
    }

    private static async Task<IResult> PublishAsync(
        string @namespace, string name, PublishBody body, ReleaseDesk desk, PromptCatalog catalog, DraftStore drafts, CurrentUser user,
        CancellationToken cancellationToken)
    {
        var content = body.Content ?? (await drafts.FindAsync(@namespace, name, cancellationToken))?.Content;
        if (content is null)
        {
            return catalog.Find(@namespace, name) is null
                ? NotFound(@namespace, name)
                : Bad("content: there is no draft to publish, and none was sent.");
        }

        var submission = new ReleaseSubmission
        {
            Namespace = @namespace,
            Objects = [new ReleaseObject(Prompt.Definition.Kind, name, content) { Force = body.Force }],
            Message = body.Message ?? "",
        };
        return Answer(await desk.SubmitAsync(submission, user, cancellationToken));
    }

    private static IResult Answer(ReleaseResult result)
    {
        if (result.Refusal is { } refusal)
        {
            return ReleasesApi.Problem(refusal, result);
        }

        var release = result.Release!;
        var published = result.Published.Count > 0 ? result.Published[0] : null;
        return release.Status switch
        {
            ReleaseStatus.Published => Results.Ok(
                new PublishAnswer(PublishAnswerOutcome.Published, published?.Message ?? "Published.", release.Id, published?.Generation, published?.ResourceVersion)),
            ReleaseStatus.Publishing => Results.Accepted(
                $"/api/v1/releases/{release.Id}", new PublishAnswer(PublishAnswerOutcome.Pending, published?.Message ?? "Waiting for the cluster.", release.Id)),
            ReleaseStatus.Failed when published?.Outcome == PublishOutcome.Conflict => Results.Problem(published.Message,
                statusCode: StatusCodes.Status409Conflict, title: "Somebody else owns this prompt", extensions: new Dictionary<string, object?> { ["owners"] = published.Owners }),
            ReleaseStatus.Failed => Results.Problem(published?.Message ?? release.Problem, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The cluster refused it"),
            _ => Results.Accepted($"/api/v1/releases/{release.Id}", new PublishAnswer(PublishAnswerOutcome.Waiting,
                $"Release {release.Id} waits for approval, as the policy of {release.Environment} asks.", release.Id)),
        };
    }

    private static async Task<IResult> DeleteAsync(string @namespace, string name, PromptCommands commands, CurrentUser user, CancellationToken cancellationToken) =>
        await commands.DeleteAsync(user, @namespace, name, cancellationToken) switch
        {
            { IsMade: true } => Results.NoContent(),
            { Request: { } request } => Results.Accepted($"/api/v1/releases/{request.Id}", new DeletionAsked(request.Id, request.Status)),
            { Refusal: { } refusal } => Results.Problem(refusal, statusCode: StatusCodes.Status409Conflict, title: "It cannot be deleted"),
            _ => NotFound(@namespace, name),
        };
}
