using Portal.Auth;
using Portal.Features.Audit;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Demo;

/// <summary>Puts the demo data there once, and takes it away when asked. A mark in the cluster keeps it from coming back.</summary>
public sealed class DemoData(KubeClient client, PersonalCluster cluster, AuditLog audit, TimeProvider timeProvider)
{
    private const string MarkNamespace = "kube-system";
    private const string MarkName = "genkit-portal";
    private static readonly WriteOptions s_write = new() { Manager = FieldManager.Portal };

    /// <summary>Creates what is missing of the demo data, unless that was once completed before. Safe to repeat after a crash in the middle.</summary>
    public async Task SeedOnceAsync(CancellationToken cancellationToken)
    {
        if (await client.Resource(BuiltIn.ConfigMap).FindAsync(MarkNamespace, MarkName, cancellationToken) is not null)
        {
            return;
        }

        foreach (var (kind, item) in DemoObjects.All())
        {
            try
            {
                await client.Resource(kind).ApplyAsync(item, s_write, cancellationToken);
            }
            catch (KubernetesException exception) when (exception.IsConflict)
            {
                // Someone made it theirs between a crash and this start.
            }
        }

        await client.Resource(BuiltIn.ConfigMap).ApplyAsync(Mark(), s_write, cancellationToken);
        await audit.RecordAsync(
            new AuditEntry(Actor.System, "demo.created", BuiltIn.Namespace.Kind, DemoObjects.Namespace, DemoObjects.Namespace, AuditResult.Succeeded) { Source = AuditSource.System }, cancellationToken);
    }

    /// <summary>Deletes the demo namespace and everything in it; true when it was there.</summary>
    public async Task<bool> DeleteAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        user.Demand(Permission.ManageSettings, DemoObjects.Namespace);
        var deleted = await cluster.For(user).Resource(BuiltIn.Namespace).DeleteAsync(null, DemoObjects.Namespace, new DeleteOptions { PropagationPolicy = "Background" }, cancellationToken);
        if (deleted)
        {
            await audit.RecordAsync(
                new AuditEntry(user.Actor, "demo.deleted", BuiltIn.Namespace.Kind, DemoObjects.Namespace, DemoObjects.Namespace, AuditResult.Succeeded, Address: user.Address), CancellationToken.None);
        }

        return deleted;
    }

    private KubeObject Mark() => new(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = MarkName, ["namespace"] = MarkNamespace },
        ["data"] = new JsonObject { ["demoSeededAt"] = timeProvider.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture) },
    });
}
