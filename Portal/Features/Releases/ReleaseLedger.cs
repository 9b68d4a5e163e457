using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Audit;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.States;
using Portal.Operator.Prompts;

namespace Portal.Features.Releases;

/// <summary>
/// Writes decisions: the request, its history, the audit and what is promised to the cluster, all within the caller's transaction, so that a crash
/// leaves all of it or nothing.
/// </summary>
public sealed class ReleaseLedger(AuditLog audit, EnvironmentDirectory environments, TimeProvider clock)
{
    /// <summary>Raised after a request changed, with its number; on any thread.</summary>
    public event Action<long>? Changed;

    /// <summary>Another portal changed a request.</summary>
    internal void Hear(long id) => Changed?.Invoke(id);

    public static ReleaseState StateOf(Release release) => new()
    {
        Status = release.Status,
        Hash = release.Hash,
        RequesterId = release.RequesterId,
        Authors = JsonSerializer.Deserialize<string[]>(release.Authors)!,
        MayPublish = release.MayPublish,
        Reviews = JsonSerializer.Deserialize<Review[]>(release.Reviews)!,
        PublishAt = release.PublishAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null,
        ExpiresAt = release.ExpiresAt is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : null,
        Bypass = release.Bypass,
        Problem = release.Problem,
    };

    public static Release RowOf(ReleaseState state, string environment, string message, Actor requester, DateTime now)
    {
        var row = new Release
        {
            Environment = environment,
            Message = message,
            Status = state.Status,
            Hash = state.Hash,
            RequesterId = requester.Id,
            RequesterName = requester.Name,
            MayPublish = state.MayPublish,
            Authors = "[]",
            Reviews = "[]",
            CreatedAt = now,
            UpdatedAt = now,
        };
        Write(row, state);
        return row;
    }

    /// <summary>What reviewers agree to: every object with its content, what it replaces, where, and when.</summary>
    public static string HashOf(IEnumerable<ReleaseItem> items, DateTimeOffset? publishAt)
    {
        var text = new StringBuilder("release/v1\n");
        foreach (var item in items.OrderBy(item => item.Position))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"{item.Kind}\n{item.Namespace}\n{item.Name}\n{item.Revision}\n{item.Hash}\n{item.LiveHash}\n{item.Force}\n{(item.Deletes ? "deleted\n" : "")}");
        }

        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{publishAt?.ToUnixTimeMilliseconds()}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    public ReleasePolicy PolicyOf(Release release, IReadOnlyList<ReleaseItem> items)
    {
        var policy = environments.PolicyOf([.. items.Select(item => item.Namespace).Distinct()]);
        policy = environments.Find(release.Environment) is { } named ? ReleasePolicy.Strictest([policy, named.Policy]) : policy;
        return environments.Narrow(policy, items.Select(item => (item.Kind, item.Namespace, item.Name, item.Deletes)));
    }

    /// <summary>Records an accepted decision on a request that is in the database. What changes nothing is not recorded.</summary>
    public async Task RecordAsync(PortalDbContext context, Release release, IReadOnlyList<ReleaseItem> items, ReleaseDecision decision, Actor by, string? address)
    {
        var before = release.Status;
        if (decision.Refusal is not null || (decision.Steps.Count == 0 && decision.State.Status == before))
        {
            return;
        }

        Write(release, decision.State);
        (release.Version, release.UpdatedAt) = (release.Version + 1, clock.GetUtcNow().UtcDateTime);
        foreach (var step in decision.Steps)
        {
            context.ReleaseEvents.Add(new ReleaseEvent
            {
                ReleaseId = release.Id,
                At = release.UpdatedAt,
                ActorId = by.Id,
                ActorName = by.Name,
                Kind = step.Kind,
                Hash = release.Hash,
                Comment = step.Comment,
            });
            audit.Append(context, EntryOf(release, items, before, step, by, address));
            if (step.Kind == ReleaseSteps.Publishing)
            {
                await PromiseAsync(context, release, items);
            }
        }

        var id = release.Id;
        context.AfterCommit(() => Changed?.Invoke(id));
        context.Tell(PortalTopics.Releases, id.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Says what took an object away: the cluster does not tell who deletes.</summary>
    public void NoteDeletion(PortalDbContext context, Publication publication, long release) => audit.Append(context, new AuditEntry(
        Actor.System, "release.deleted", publication.Kind, publication.Namespace, publication.Name, AuditResult.Succeeded,
        Reason: $"Release {release} asked for it.", CorrelationId: CorrelationOf(release))
    { Source = AuditSource.System });

    private static void Write(Release release, ReleaseState state)
    {
        (release.Status, release.Hash, release.MayPublish) = (state.Status, state.Hash, state.MayPublish);
        (release.Authors, release.Reviews) = (JsonSerializer.Serialize(state.Authors), JsonSerializer.Serialize(state.Reviews));
        (release.PublishAt, release.ExpiresAt) = (state.PublishAt?.UtcDateTime, state.ExpiresAt?.UtcDateTime);
        (release.Bypass, release.Problem) = (state.Bypass, state.Problem);
    }

    private async Task PromiseAsync(PortalDbContext context, Release release, IReadOnlyList<ReleaseItem> items)
    {
        var approvals = ReleaseMachine.Counted(StateOf(release), PolicyOf(release, items));
        var now = clock.GetUtcNow();

        // One after the other and after those of an earlier try, so that their order is kept; less than a microsecond is not stored.
        var next = (await context.Publications.Where(row => row.ReleaseId == release.Id).MaxAsync(row => (DateTime?)row.RequestedAt))?.AddMicroseconds(1);
        var at = next > now.UtcDateTime ? next.Value : now.UtcDateTime;
        foreach (var item in items.OrderBy(item => item.Position))
        {
            var revision = item.Deletes ? null : await context.Revisions.FindAsync(item.Kind, item.Namespace, item.Name, item.Revision)
                ?? throw new InvalidOperationException($"Release {release.Id} names revision {item.Revision} of {item.Kind} {item.Namespace}/{item.Name}, which is not there.");
            context.Publications.Add(new Publication
            {
                Id = Guid.CreateVersion7(now).ToString("N"),
                Kind = item.Kind,
                Namespace = item.Namespace,
                Name = item.Name,
                Content = revision?.Content ?? "",
                Description = revision is not null && item.Kind == Prompt.Definition.Kind ? ReleaseKinds.DescriptionOf(revision.Content) : null,
                Deletes = item.Deletes,
                Force = item.Force,
                State = PublicationState.Pending,
                RequestedAt = at.AddMicroseconds(item.Position),
                ReleaseId = release.Id,
                Revision = revision?.Number,
                LiveHash = item.LiveHash,
                Annotations = item.Deletes ? null : ReleaseAnnotations.Of(release, item, approvals).ToJsonString(),
            });
        }
    }

    private static AuditEntry EntryOf(Release release, IReadOnlyList<ReleaseItem> items, ReleaseStatus before, ReleaseStep step, Actor by, string? address) => new(
        by, $"release.{step.Kind}", "Release", items[0].Namespace, release.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        step.Kind is ReleaseSteps.Failed or ReleaseSteps.RolloutFailed ? AuditResult.Failed : AuditResult.Succeeded,
        new JsonObject { ["status"] = before.ToString() },
        new JsonObject
        {
            ["status"] = release.Status.ToString(),
            ["environment"] = release.Environment,
            ["hash"] = release.Hash,
            ["objects"] = new JsonArray([.. items.Select(item => (JsonNode)(item.Deletes ? $"delete {item.Kind} {item.Namespace}/{item.Name}" : $"{item.Kind} {item.Namespace}/{item.Name} r{item.Revision} {item.Hash[..12]}"))]),
        },
        step.Comment, CorrelationOf(release.Id), address)
    {
        Source = by.Kind == ActorKind.System ? AuditSource.System : by.Kind == ActorKind.Token ? AuditSource.Api : AuditSource.Portal,
    };

    public static string CorrelationOf(long id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"release-{id}");

    internal static Task<List<ReleaseItem>> ItemsOfAsync(PortalDbContext context, long id, CancellationToken cancellationToken) =>
        context.ReleaseItems.Where(item => item.ReleaseId == id).OrderBy(item => item.Position).ToListAsync(cancellationToken);
}
