using System.Net;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Kubernetes.Runtime;

/// <summary>Adds and removes one finalizer without touching those of others, whoever writes at the same time.</summary>
public static class Finalizers
{
    /// <summary>Attempts against other writers; more means somebody writes in a loop.</summary>
    private const int Attempts = 5;

    /// <summary>Makes sure the object has the finalizer. Returns it as it is afterwards; one that is being deleted is returned unchanged.</summary>
    /// <exception cref="KubernetesException">The object is gone (404), or others kept changing it (409).</exception>
    public static async Task<T> AddAsync<T>(Resource<T> resource, T item, string finalizer, CancellationToken cancellationToken) where T : KubeObject =>
        await ChangeAsync(
            resource,
            item,
            current => current.Finalizers.Contains(finalizer) || current.DeletionTimestamp is not null ? null : [.. current.Finalizers, finalizer],
            cancellationToken)
        ?? throw Gone(item);

    /// <summary>Makes sure the object does not have the finalizer. Null when the object is gone, which it is after its last one.</summary>
    /// <exception cref="KubernetesException">Others kept changing the object (409).</exception>
    public static async Task<T?> RemoveAsync<T>(Resource<T> resource, T item, string finalizer, CancellationToken cancellationToken) where T : KubeObject
    {
        try
        {
            return await ChangeAsync(
                resource,
                item,
                current => current.Finalizers.Contains(finalizer) ? [.. current.Finalizers.Where(other => other != finalizer)] : null,
                cancellationToken);
        }
        catch (KubernetesException exception) when (exception is { IsNotFound: true, IsKindMissing: false })
        {
            return null;
        }
    }

    private static async Task<T?> ChangeAsync<T>(
        Resource<T> resource, T item, Func<T, IReadOnlyList<string>?> change, CancellationToken cancellationToken) where T : KubeObject
    {
        for (var attempt = 1; ; attempt++)
        {
            if (change(item) is not { } wanted)
            {
                return item;
            }

            try
            {
                return await resource.JsonPatchAsync(item.Namespace, item.Name, Patch(item, wanted), null, null, cancellationToken);
            }
            catch (KubernetesException exception) when ((exception.IsConflict || exception.IsInvalid) && attempt < Attempts)
            {
                // The test failed (422): look again. Another object of the same name is none of ours.
                var current = await resource.FindAsync(item.Namespace, item.Name, cancellationToken);
                if (current is null || current.Uid != item.Uid)
                {
                    return null;
                }

                item = current;
            }
        }
    }

    private static KubernetesException Gone(KubeObject item) => new(
        HttpStatusCode.NotFound,
        new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["status"] = "Failure",
            ["reason"] = "NotFound",
            ["message"] = $"{item.Kind} \"{item.Name}\" not found",
            ["details"] = new JsonObject { ["name"] = item.Name, ["uid"] = item.Uid },
            ["code"] = 404,
        });

    private static JsonArray Patch(KubeObject item, IReadOnlyList<string> wanted)
    {
        var patch = new JsonArray { Step("test", "/metadata/uid", item.Uid) };
        if (item.Finalizers.Count > 0)
        {
            patch.Add(Step("test", "/metadata/finalizers", List(item.Finalizers)));
            patch.Add(wanted.Count == 0 ? Step("remove", "/metadata/finalizers", null) : Step("replace", "/metadata/finalizers", List(wanted)));
        }
        else
        {
            // An absent list cannot be tested for, so the version stands in for it.
            patch.Add(Step("test", "/metadata/resourceVersion", item.ResourceVersion));
            patch.Add(Step("add", "/metadata/finalizers", List(wanted)));
        }

        return patch;
    }

    private static JsonObject Step(string operation, string path, JsonNode? value)
    {
        var step = new JsonObject { ["op"] = operation, ["path"] = path };
        if (value is not null)
        {
            step["value"] = value;
        }

        return step;
    }

    private static JsonArray List(IReadOnlyList<string> items) => [.. items.Select(item => JsonValue.Create(item))];
}
