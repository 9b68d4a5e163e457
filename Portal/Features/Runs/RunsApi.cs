using System.Text.Json.Serialization;
using Portal.Auth;
using Portal.Components.Inputs;
using Portal.Features.Audit;
using Portal.Features.Playground;

namespace Portal.Features.Runs;

/// <summary>The REST API of the history of runs.</summary>
internal static class RunsApi
{
    private const int MostRows = 500;
    private static readonly byte[] s_lineEnd = "\n"u8.ToArray();
    private static readonly JsonSerializerOptions s_json = new(InputJson.Compact) { Converters = { new JsonStringEnumConverter() } };

    public static void Map(IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1/namespaces/{namespace}/runs").WithTags("Runs").ProducesProblem(StatusCodes.Status400BadRequest);
        api.MapGet("", ListAsync).WithName("ListRuns").WithSummary("Runs, newest first").Requires(Permission.ReadNamespace)
            .WithDescription("q, prompt, revision, model, user, outcome, source, from, to, starred choose; input and output are empty where they may not be read.").Produces<RunList>();
        api.MapGet("/export", ExportAsync).WithName("ExportRuns").WithSummary("Runs with input and answer, one JSON object a line").Requires(Permission.ReadRuns)
            .Produces<string>(StatusCodes.Status200OK, "application/jsonl");
        api.MapGet("/{id}", FindAsync).WithName("GetRunOfNamespace").WithSummary("One run").Requires(Permission.ReadNamespace).Produces<RunListItem>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/{id}/mark", MarkAsync).WithName("MarkRun").WithSummary("Give a run a star and a note").Requires(Permission.ReadRuns).ProducesProblem(StatusCodes.Status404NotFound);
        var policy = app.MapGroup("/api/v1/namespaces/{namespace}/run-policy").WithTags("Runs");
        policy.MapGet("", (string @namespace, RunCommands commands, CurrentUser user, CancellationToken cancellationToken) => commands.PolicyAsync(user, @namespace, cancellationToken))
            .WithName("GetRunPolicy").WithSummary("What is kept of runs").Requires(Permission.ReadNamespace);
        policy.MapPut("", SetPolicyAsync).WithName("SetRunPolicy").WithSummary("Say what is kept of runs from now on").Requires(Permission.ManageSettings).Produces<RunPolicy>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }

    private static async Task<IResult> ListAsync(string @namespace, HttpContext http, RunReader reader, CurrentUser user, CancellationToken cancellationToken, int skip = 0, int limit = 50)
    {
        var (filter, error) = RunFilter.Parse(name => http.Request.Query[name]);
        return error is not null || limit is < 1 or > MostRows || skip < 0
            ? Bad(error ?? $"limit must be from 1 to {MostRows}, and skip not negative.")
            : Results.Json(await reader.ListAsync(user, @namespace, filter, skip, limit, cancellationToken), s_json);
    }

    private static async Task<IResult> FindAsync(string @namespace, string id, RunReader reader, CurrentUser user, CancellationToken cancellationToken) =>
        await reader.FindAsync(user, @namespace, id, cancellationToken) is { } item ? Results.Json(item, s_json) : NotFound(@namespace, id);

    private static async Task<IResult> ExportAsync(string @namespace, HttpContext http, RunReader reader, AuditLog audit, TimeProvider clock, CurrentUser user, CancellationToken cancellationToken)
    {
        var (filter, error) = RunFilter.Parse(name => http.Request.Query[name]);
        if (error is not null)
        {
            return Bad(error);
        }

        // What the audit says was taken ends here.
        filter = filter with { To = filter.To ?? clock.GetUtcNow().UtcDateTime };

        // Before the first row leaves: who took them must be known however the transfer ends.
        await audit.RecordAsync(
            new AuditEntry(user.Actor, "runs.exported", "Run", @namespace, null, AuditResult.Succeeded, null, new JsonObject { ["filter"] = filter.ToQuery() }, Address: user.Address), cancellationToken);
        return Results.Stream(
            async stream =>
            {
                await foreach (var item in reader.ExportAsync(user, @namespace, filter, cancellationToken))
                {
                    await JsonSerializer.SerializeAsync(stream, item, s_json, cancellationToken);
                    await stream.WriteAsync(s_lineEnd, cancellationToken);
                }
            },
            "application/jsonl", $"{@namespace}-runs.jsonl");
    }

    private static async Task<IResult> MarkAsync(string @namespace, string id, MarkBody body, RunCommands commands, CurrentUser user, CancellationToken cancellationToken) =>
        await commands.MarkAsync(user, @namespace, id, body.Star, body.Note, cancellationToken) ? Results.NoContent() : NotFound(@namespace, id);

    private static async Task<IResult> SetPolicyAsync(string @namespace, RunPolicy policy, RunCommands commands, CurrentUser user, CancellationToken cancellationToken) =>
        await commands.SetPolicyAsync(user, @namespace, policy, cancellationToken) is { } mistake ? Bad(mistake) : Results.Ok(policy);

    private static IResult NotFound(string @namespace, string id) =>
        Results.Problem($"There is no run \"{id}\" in namespace \"{@namespace}\".", statusCode: StatusCodes.Status404NotFound, title: "Not found");

    private static IResult Bad(string detail) => Results.Problem(detail, statusCode: StatusCodes.Status400BadRequest, title: "Bad request");
}

/// <param name="Note">Null takes it away.</param>
public sealed record MarkBody(bool Star, string? Note = null);
