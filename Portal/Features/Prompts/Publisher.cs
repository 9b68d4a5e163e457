using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Dotprompt.Documents;
using Portal.Kubernetes.Client;
using Portal.Operator.Api;
using Portal.Operator.Prompts;

namespace Portal.Features.Prompts;

/// <summary>
/// Publishes prompts: first a row in the database, then server-side apply, then the result into the row. A crash or an outage in between leaves
/// the row pending, and <see cref="PublicationRetry"/> tries again; applying twice is harmless.
/// </summary>
public sealed class Publisher(PortalDatabase database, KubeClient client, PromptCheck check, DraftStore drafts, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public async Task<PublishResult> PublishAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        if (PromptName.Check(request.Name) is { } badName)
        {
            return new PublishResult(PublishOutcome.Invalid, badName);
        }

        if (PromptContent.Check(request.Content) is { } badContent)
        {
            return new PublishResult(PublishOutcome.Invalid, badContent);
        }

        var errors = check.Check(request.Namespace, request.Name, request.Content).Errors.ToList();
        if (errors.Count > 0)
        {
            var message = errors.Count == 1 ? errors[0].Message : $"{errors.Count} errors, the first: {errors[0].Message}";
            return new PublishResult(PublishOutcome.Invalid, message) { Problems = errors };
        }

        // In order, so that of two publishes the later one is the one that stays.
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (request.CheckExpected && await FindStaleAsync(request, cancellationToken) is { } stale)
            {
                return stale;
            }

            var publication = NewPublication(request);
            await database.WriteAsync(context => context.Publications.AddAsync(publication, cancellationToken).AsTask(), cancellationToken);

            // From here on it is promised: the author leaving the page must not cut it off.
            return await ApplyAsync(publication, CancellationToken.None);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Tries every pending publication once more. Returns how many are still pending.</summary>
    public async Task<int> RetryPendingAsync(CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var pending = await database.ReadAsync(context => context.Publications
                .Where(item => item.State == PublicationState.Pending).OrderBy(item => item.RequestedAt).ToListAsync(cancellationToken));
            var left = 0;
            foreach (var publication in pending)
            {
                if (await IsSupersededAsync(publication, cancellationToken))
                {
                    await FinishAsync(publication, PublicationState.Refused, "A later publish of the same prompt came first.");
                }
                else if ((await ApplyAsync(publication, cancellationToken)).Outcome == PublishOutcome.Pending)
                {
                    left++;
                }
            }

            return left;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<PublishResult?> FindStaleAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var live = await client.Resource<Prompt>().FindAsync(request.Namespace, request.Name, cancellationToken);
            return (live is null ? null : PromptCatalog.SpecOf(live).Content) == request.ExpectedContent
                ? null
                : new PublishResult(PublishOutcome.Stale,
                    "The published prompt was changed meanwhile. Look at the difference again before you publish.");
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            // What cannot be asked now is decided by the apply, which is retried.
            return null;
        }
    }

    private Publication NewPublication(PublishRequest request)
    {
        var now = clock.GetUtcNow();
        var description = DotpromptDocument.Parse(request.Content).Metadata.Description;
        return new Publication
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Namespace = request.Namespace,
            Name = request.Name,
            Content = request.Content,
            Description = string.IsNullOrWhiteSpace(description) ? null : description,
            Force = request.Force,
            State = PublicationState.Pending,
            RequestedAt = now.UtcDateTime,
        };
    }

    private async Task<PublishResult> ApplyAsync(Publication publication, CancellationToken cancellationToken)
    {
        try
        {
            var desired = await DesiredAsync(publication, cancellationToken);
            var applied = await client.Resource<Prompt>()
                .ApplyAsync(desired, new WriteOptions { Manager = FieldManager.Portal, Force = publication.Force }, cancellationToken);
            (publication.Uid, publication.Generation, publication.ResourceVersion) = (applied.Uid, applied.Generation, applied.ResourceVersion);
            await FinishAsync(publication, PublicationState.Published, null);
            await drafts.DiscardAsync(publication.Namespace, publication.Name, publication.Content, CancellationToken.None);
            return new PublishResult(PublishOutcome.Published, $"Published as generation {applied.Generation}.")
            {
                Generation = applied.Generation,
                ResourceVersion = applied.ResourceVersion,
            };
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return new PublishResult(PublishOutcome.Pending,
                $"The cluster cannot be reached: {exception.Message} It is tried again until it answers.");
        }
        catch (KubernetesException exception)
        {
            var owners = OwnersIn(exception);
            var message = owners.Count == 0
                ? exception.Message
                : $"{string.Join(", ", owners.Select(owner => $"“{owner.Manager}” owns {owner.Field}"))}. Publish anyway to take over, or change it there.";
            await FinishAsync(publication, PublicationState.Refused, message);
            return new PublishResult(owners.Count == 0 ? PublishOutcome.Refused : PublishOutcome.Conflict, message) { Owners = owners };
        }
    }

    private async Task<Prompt> DesiredAsync(Publication publication, CancellationToken cancellationToken)
    {
        var spec = new JsonObject { ["content"] = publication.Content };
        var description = publication.Description
            ?? (await client.Resource<Prompt>().FindAsync(publication.Namespace, publication.Name, cancellationToken) is { } live ? PromptCatalog.SpecOf(live).Description : null);
        if (description is not null)
        {
            spec["description"] = description;
        }

        return new Prompt(new JsonObject
        {
            ["apiVersion"] = GenkitApi.ApiVersion,
            ["kind"] = Prompt.Definition.Kind,
            ["metadata"] = new JsonObject { ["name"] = publication.Name, ["namespace"] = publication.Namespace },
            ["spec"] = spec,
        });
    }

    // Not cancellable: the cluster has answered, and the row must say so.
    private Task FinishAsync(Publication publication, PublicationState state, string? message)
    {
        (publication.State, publication.Message, publication.FinishedAt) = (state, message, clock.GetUtcNow().UtcDateTime);
        return database.WriteAsync(
            context =>
            {
                context.Publications.Update(publication);
                return Task.CompletedTask;
            },
            CancellationToken.None);
    }

    private Task<bool> IsSupersededAsync(Publication publication, CancellationToken cancellationToken) =>
        database.ReadAsync(context => context.Publications.AnyAsync(
            other => other.Namespace == publication.Namespace && other.Name == publication.Name
                && other.RequestedAt > publication.RequestedAt && other.State == PublicationState.Published,
            cancellationToken));

    private static bool IsOutage(Exception exception) => exception switch
    {
        KubernetesException refused => (int)refused.StatusCode is >= 500 or 429,
        _ => exception is HttpRequestException or IOException or TimeoutException,
    };

    private static List<FieldOwner> OwnersIn(KubernetesException exception)
    {
        if (exception.Status["details"]?["causes"] is not JsonArray causes)
        {
            return [];
        }

        return [.. causes.OfType<JsonObject>()
            .Where(cause => cause["reason"]?.ToString() == "FieldManagerConflict")
            .Select(cause => new FieldOwner(ManagerIn(cause["message"]?.ToString() ?? ""), cause["field"]?.ToString() ?? ""))];
    }

    /// <summary>The name in <c>conflict with "kubectl-edit" using genkit.dev/v1alpha1</c>.</summary>
    private static string ManagerIn(string message) => message.Split('"') is [_, var name, ..] ? name : "another manager";
}
