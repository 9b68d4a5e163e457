using System.Globalization;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Releases;

/// <summary>Asks the cluster once for what a publication promises, and reads its answer. Asking twice is harmless.</summary>
public sealed class ClusterWriter(KubeClient client)
{
    private const int MostCollisions = 5;

    /// <summary>Sets what the cluster says about the object on <paramref name="publication"/>.</summary>
    /// <returns><see cref="PublishOutcome.Pending"/> when the cluster did not answer, or not in time.</returns>
    public async Task<PublishResult> TryAsync(Publication publication, CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await ApplyAsync(publication, cancellationToken);
                }
                catch (KubernetesException exception) when (exception.IsConflict && OwnersIn(exception).Count == 0 && attempt < MostCollisions)
                {
                    // It was written between our look and our apply: look again.
                }
            }
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return new PublishResult(PublishOutcome.Pending, $"The cluster cannot be reached: {exception.Message} It is tried again until it answers.");
        }
        catch (KubernetesException exception)
        {
            var owners = OwnersIn(exception);
            return owners.Count == 0
                ? new PublishResult(exception.IsConflict ? PublishOutcome.Pending : PublishOutcome.Refused, exception.Message)
                : new PublishResult(PublishOutcome.Conflict,
                    $"{string.Join(", ", owners.Select(owner => $"“{owner.Manager}” owns {owner.Field}"))}. Publish anyway to take over, or change it there.")
                { Owners = owners };
        }
        catch (JsonException exception)
        {
            return new PublishResult(PublishOutcome.Refused, $"The content is not a spec: {exception.Message}");
        }
    }

    private async Task<PublishResult> ApplyAsync(Publication publication, CancellationToken cancellationToken)
    {
        var live = await ResourceOf(publication).FindAsync(publication.Namespace, publication.Name, cancellationToken);
        if (publication.Deletes && live is null)
        {
            return new PublishResult(PublishOutcome.Published, "It is gone already.");
        }

        if (live is not null && ObjectOwner.Of(live).Refusal is { } refusal)
        {
            // Somebody took it over since it was submitted.
            return new PublishResult(PublishOutcome.Refused, refusal);
        }

        var liveHash = live is null ? null : ReleaseKinds.HashOf(ReleaseKinds.ContentOf(live));
        if (publication.ReleaseId is not null && liveHash != publication.LiveHash && (publication.Deletes || liveHash != ReleaseKinds.HashOf(publication.Content)))
        {
            return live is not null && !publication.Deletes && IsOurs(live, publication)
                // Applied before a crash, and edited by somebody before this start.
                ? new PublishResult(PublishOutcome.Published, "Published, and changed in the cluster since.") { Generation = live.Generation, ResourceVersion = live.ResourceVersion }
                : new PublishResult(PublishOutcome.Stale, live is null
                ? "The object was deleted since this was submitted. Submit it again to create it anew."
                : "The object in the cluster is not the one the reviewers saw. Submit it again, so that they see the difference.");
        }

        return publication.Deletes ? await DeleteAsync(publication, live!, cancellationToken) : await WriteAsync(publication, live, cancellationToken);
    }

    private async Task<PublishResult> WriteAsync(Publication publication, KubeObject? live, CancellationToken cancellationToken)
    {
        var annotations = publication.Annotations is null ? [] : JsonNode.Parse(publication.Annotations)!.AsObject();
        var description = publication.Description ?? (publication.Kind == "Prompt" ? DescriptionOf(live) : null);
        var desired = ReleaseKinds.Desired(publication.Kind, publication.Namespace, publication.Name, publication.Content, description, annotations);
        if (live is not null && publication.Force && FieldTakeover.Of(live) is { } fields)
        {
            // Then applying takes away what the content does not have, whoever wrote it.
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = live.ResourceVersion, ["managedFields"] = fields } };
            live = await ResourceOf(publication).MergePatchAsync(publication.Namespace, publication.Name, patch, null, new WriteOptions { Manager = FieldManager.Portal }, cancellationToken);
        }

        if (live is not null)
        {
            // What was looked at is what is replaced.
            desired.Metadata["resourceVersion"] = live.ResourceVersion;
        }

        var applied = await ResourceOf(publication).ApplyAsync(desired, new WriteOptions { Manager = FieldManager.Portal, Force = publication.Force }, cancellationToken);
        (publication.Uid, publication.Generation, publication.ResourceVersion) = (applied.Uid, applied.Generation, applied.ResourceVersion);
        return new PublishResult(PublishOutcome.Published, $"Published as generation {applied.Generation}.")
        {
            Generation = applied.Generation,
            ResourceVersion = applied.ResourceVersion,
        };
    }

    // What was looked at is what goes.
    private async Task<PublishResult> DeleteAsync(Publication publication, KubeObject live, CancellationToken cancellationToken)
    {
        var options = new DeleteOptions { PropagationPolicy = "Background", PreconditionUid = live.Uid, PreconditionResourceVersion = live.ResourceVersion };
        await ResourceOf(publication).DeleteAsync(publication.Namespace, publication.Name, options, cancellationToken);
        publication.Uid = live.Uid;
        return new PublishResult(PublishOutcome.Published, "Deleted.");
    }

    private Resource<KubeObject> ResourceOf(Publication publication) => client.Resource(ReleaseKinds.Find(publication.Kind)!);

    private static bool IsOurs(KubeObject live, Publication publication) =>
        live.Annotations.TryGetValue(ReleaseAnnotations.Release, out var release) && live.Annotations.TryGetValue(ReleaseAnnotations.Revision, out var revision)
        && release == publication.ReleaseId?.ToString(CultureInfo.InvariantCulture) && revision == publication.Revision?.ToString(CultureInfo.InvariantCulture);

    private static string? DescriptionOf(KubeObject? live) =>
        live?.Json["spec"]?["description"] is JsonValue value && value.TryGetValue(out string? description) ? description : null;

    private static bool IsOutage(Exception exception) => exception switch
    {
        KubernetesException refused => (int)refused.StatusCode is >= 500 or 429,
        _ => exception is HttpRequestException or IOException or TimeoutException,
    };

    private static List<FieldOwner> OwnersIn(KubernetesException exception) => exception.Status["details"]?["causes"] is not JsonArray causes
        ? []
        : [.. causes.OfType<JsonObject>()
            .Where(cause => cause["reason"]?.ToString() == "FieldManagerConflict")
            .Select(cause => new FieldOwner(ManagerIn(cause["message"]?.ToString() ?? ""), cause["field"]?.ToString() ?? ""))];

    /// <summary>The name in <c>conflict with "kubectl-edit" using genkit.dev/v1alpha1</c>.</summary>
    private static string ManagerIn(string message) => message.Split('"') is [_, var name, ..] ? name : "another manager";
}
