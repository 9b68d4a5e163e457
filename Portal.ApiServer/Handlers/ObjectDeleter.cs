using Portal.ApiServer.Admission;
using Portal.ApiServer.Schemas;
using Portal.ApiServer.Storage;

namespace Portal.ApiServer.Handlers;

/// <summary>How to delete, from the body or the query.</summary>
internal sealed record DeletePolicy
{
    public string? Propagation { get; init; }
    public string? Uid { get; init; }
    public string? ResourceVersion { get; init; }
    public bool DryRun { get; init; }
}

/// <summary>Removes objects, or marks them and waits for their finalizers.</summary>
internal sealed class ObjectDeleter(ServerContext server)
{
    /// <summary>What became of the object: gone, or still there with a deletionTimestamp.</summary>
    internal sealed record Outcome(JsonObject Object, bool Gone);

    /// <exception cref="ApiException">404, 409 when a precondition fails, and what admission says.</exception>
    public async Task<Outcome> DeleteAsync(WriteContext write, DeletePolicy policy, CancellationToken cancellationToken)
    {
        var resource = write.Resource;
        var name = write.Target.Name!;
        while (true)
        {
            var current = server.Log.Find(write.Target.Key(name)) ?? throw ApiException.NotFound(resource, name);
            var old = resource.Present(current).Json;
            if (resource.Rules.DeleteProblem(name) is { } problem)
            {
                throw ApiException.Forbidden(resource, name, problem);
            }

            CheckPreconditions(write, policy, current);
            var asked = policy.DryRun ? write with { DryRun = true } : write;
            await server.Admission.ValidateAsync(new AdmissionRequest("DELETE", asked, name, null, old), server, cancellationToken);
            var outcome = await TryDeleteAsync(write, policy, current, old);
            if (outcome is not null)
            {
                return outcome;
            }
        }
    }

    private async Task<Outcome?> TryDeleteAsync(WriteContext write, DeletePolicy policy, StoredObject current, JsonObject old)
    {
        var resource = write.Resource;
        var finalizers = WithPropagation(Metadata.Finalizers(old), policy.Propagation);
        if (!Metadata.IsTerminating(old))
        {
            finalizers = [.. finalizers.Union(resource.Rules.DeletionFinalizers)];
        }

        var waits = finalizers.Count > 0 || resource.Rules.HasOwnFinalizers(old);
        if (!waits)
        {
            if (write.DryRun || policy.DryRun)
            {
                return new Outcome(old, Gone: true);
            }

            var deleted = await server.Log.DeleteAsync(current, current.Copy());
            if (deleted is null)
            {
                return null;
            }

            await server.AfterWrite(deleted);
            return new Outcome(resource.Present(deleted).Json, Gone: true);
        }

        if (Metadata.IsTerminating(old) && finalizers.SequenceEqual(Metadata.Finalizers(old)))
        {
            return new Outcome(old, Gone: false);
        }

        var marked = current.Copy();
        Mark(write, marked, finalizers, alreadyTerminating: Metadata.IsTerminating(old));
        if (write.DryRun || policy.DryRun)
        {
            return new Outcome(marked, Gone: false);
        }

        var stored = await server.Log.UpdateAsync(current, marked);
        if (stored is null)
        {
            return null;
        }

        await server.AfterWrite(stored);
        return new Outcome(resource.Present(stored).Json, Gone: false);
    }

    private void Mark(WriteContext write, JsonObject target, List<string> finalizers, bool alreadyTerminating)
    {
        Metadata.SetFinalizers(target, finalizers);
        if (alreadyTerminating)
        {
            return;
        }

        var metadata = Metadata.Of(target);
        metadata["deletionTimestamp"] = server.Timestamp;
        metadata["deletionGracePeriodSeconds"] = 0;
        if (write.Resource.Rules.HasGeneration)
        {
            metadata["generation"] = Metadata.Generation(target) + 1;
        }

        write.Resource.Rules.MarkTerminating(target);
    }

    private static void CheckPreconditions(WriteContext write, DeletePolicy policy, StoredObject current)
    {
        if (policy.Uid is not null && policy.Uid != current.Uid)
        {
            throw ApiException.Precondition(write.Resource, write.Target.Name!, "UID", policy.Uid, current.Uid);
        }

        if (policy.ResourceVersion is not null && policy.ResourceVersion != Metadata.Format(current.Revision))
        {
            throw ApiException.Precondition(
                write.Resource, write.Target.Name!, "ResourceVersion", policy.ResourceVersion, Metadata.Format(current.Revision));
        }
    }

    private static List<string> WithPropagation(List<string> finalizers, string? propagation)
    {
        var (foreground, orphan) = propagation switch
        {
            "Foreground" => (true, false),
            "Orphan" => (false, true),
            "Background" => (false, false),
            _ => (finalizers.Contains(Metadata.ForegroundFinalizer), finalizers.Contains(Metadata.OrphanFinalizer)),
        };
        var result = finalizers.Where(item => item is not (Metadata.ForegroundFinalizer or Metadata.OrphanFinalizer)).ToList();
        if (foreground)
        {
            result.Add(Metadata.ForegroundFinalizer);
        }

        if (orphan)
        {
            result.Add(Metadata.OrphanFinalizer);
        }

        return result;
    }

    /// <summary>Reads a policy; the body wins over the query.</summary>
    public static DeletePolicy ReadPolicy(ApiCall call, JsonObject? body)
    {
        var propagation = body?["propagationPolicy"]?.ToString() ?? call.Query("propagationPolicy");
        if (propagation is not (null or "" or "Foreground" or "Background" or "Orphan"))
        {
            throw ApiException.Invalid("meta.k8s.io", "DeleteOptions", "", [FieldError.NotSupported(
                "propagationPolicy", propagation, ["\"Foreground\"", "\"Background\"", "\"Orphan\"", "\"nil\""])]);
        }

        if (string.IsNullOrEmpty(propagation))
        {
            propagation = (body?["orphanDependents"]?.ToString() ?? call.Query("orphanDependents")) switch
            {
                "true" => "Orphan",
                "false" => "Background",
                _ => null,
            };
        }

        var preconditions = body?["preconditions"] as JsonObject;
        return new DeletePolicy
        {
            Propagation = propagation,
            Uid = preconditions?["uid"]?.ToString(),
            ResourceVersion = preconditions?["resourceVersion"]?.ToString(),
            DryRun = call.DryRun || ApiCall.IsDryRun((body?["dryRun"] as JsonArray ?? []).Select(value => value?.ToString() ?? "")),
        };
    }
}
