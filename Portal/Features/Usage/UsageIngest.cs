using System.Data.Common;
using Microsoft.AspNetCore.Http.Features;
using Portal.Auth;
using Portal.Data;
using Portal.Embedded;
using Portal.Endpoints;
using Portal.Features.Audit;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>
/// <c>POST /api/v1/usage</c>: takes batches of <see cref="UsageRecord"/>s from runners. What the answer calls accepted is on disk, and sending it again
/// changes nothing. When more batches come than the disk takes, 429 says when to come back.
/// </summary>
internal sealed partial class UsageIngest(
    UsageGroups groups, PortalDatabase database, UsageToken token, Refusals refusals, PortalOptions options, TimeProvider clock, ILogger<UsageIngest> logger)
{
    /// <summary>Batches that are read and written at one time.</summary>
    public const int MaxConcurrent = 16;
    private readonly UsageBatchReader _reader = new(clock, options.Usage.Retention);
    private int _running;

    public async Task<IResult> TakeAsync(HttpContext context)
    {
        if (!IsAllowed(context.Request))
        {
            refusals.Note(new AuditEntry(Actor.Anonymous, "usage.refused", "Usage", null, null, AuditResult.Refused,
                Reason: "The token for usage is missing or wrong.", Address: context.Connection.RemoteIpAddress?.ToString())
            { Source = AuditSource.Api });
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Results.Problem("The token for usage is missing or wrong (header Authorization: Bearer TOKEN).", statusCode: StatusCodes.Status401Unauthorized);
        }

        if (Interlocked.Increment(ref _running) > MaxConcurrent)
        {
            Interlocked.Decrement(ref _running);
            return Busy(context, StatusCodes.Status429TooManyRequests, "1", "Too many batches are being written.");
        }

        try
        {
            var (records, rejected) = _reader.Read(await ReadBodyAsync(context));
            var accepted = records.Count == 0 ? 0 : await groups.AddAsync(records);
            return Results.Json(new UsageReceipt { Accepted = accepted, Duplicates = records.Count - accepted, Rejected = rejected }, UsageJson.Default.UsageReceipt);
        }
        catch (JsonException exception)
        {
            return Results.Problem(JsonProblem.Describe(exception), statusCode: StatusCodes.Status400BadRequest);
        }
        catch (DbException exception)
        {
            Log.NotWritten(logger, exception);
            return Busy(
                context, StatusCodes.Status503ServiceUnavailable, "5",
                database.FaultOf(exception) == DatabaseFault.Full ? "The disk of the portal's database is full; nothing of the batch was taken." : "Usage cannot be written at the moment.");
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private bool IsAllowed(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && token.Accepts(value[7..].Trim());

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = UsageBatch.MaxBytes;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static IResult Busy(HttpContext context, int status, string seconds, string detail)
    {
        context.Response.Headers.RetryAfter = seconds;
        return Results.Problem($"{detail} Send the same batch again later.", statusCode: status);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Usage could not be written")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
