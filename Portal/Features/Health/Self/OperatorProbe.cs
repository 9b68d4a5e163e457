using System.Globalization;
using Portal.Components;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator;

namespace Portal.Features.Health.Self;

/// <summary>Who leads, what waits in the queues, and which shards have an operator. The Leases tell of operators in other processes.</summary>
internal sealed class OperatorProbe(OperatorHost host, KubeClient client, PortalOptions options, TimeProvider clock) : ISelfProbe
{
    private const int LongQueue = 1000;

    public string Group => "Operator";

    public async Task<IReadOnlyList<SelfItem>> ReadAsync(CancellationToken cancellationToken)
    {
        List<SelfItem> items = [Leader()];
        foreach (var controller in host.Controllers)
        {
            var (queued, failing) = (controller.Queued, controller.Failing);
            var status = !controller.IsRunning ? Status.Paused : failing > 0 || queued > LongQueue ? Status.Degraded : Status.Ready;
            items.Add(new SelfItem(Group, $"Queue of {controller.Name}", status, controller.IsRunning ? $"{queued} queued, {failing} failing" : "stands by",
                failing > 0 ? $"The operator's log says what fails (Controller {controller.Name}); each is tried again."
                : queued > LongQueue ? "More changes than it keeps up with: raise Portal:Operator:Workers, or divide the work into shards." : null));
        }

        if (host.Elects || host.Controllers.Count == 0)
        {
            items.AddRange(await LeasesAsync(cancellationToken));
        }

        return items;
    }

    private SelfItem Leader()
    {
        var shard = string.IsNullOrEmpty(options.Operator.Shard) ? "all objects" : $"objects with {options.Operator.Shard}";
        return host.Controllers.Count == 0 ? new SelfItem(Group, "This process", Status.Ready, "is the portal only; another process is the operator")
            : host.Leads ? new SelfItem(Group, "This process", Status.Ready, $"works on {shard}")
            : host.IsSynced ? new SelfItem(Group, "This process", Status.Paused, $"stands by; {host.Leader ?? "nobody"} leads")
            : new SelfItem(Group, "This process", Status.Progressing, "starts: the kinds are not served yet", "If it stays so, look at the connection to the cluster.");
    }

    private async Task<IEnumerable<SelfItem>> LeasesAsync(CancellationToken cancellationToken)
    {
        var (@namespace, prefix) = host.Leases;
        try
        {
            var leases = (await client.Resource(BuiltIn.Lease).ListAsync(@namespace, new ListOptions(), cancellationToken)).Items
                .Where(lease => lease.Name == prefix || lease.Name.StartsWith(prefix + "-", StringComparison.Ordinal)).ToList();
            return leases.Count == 0
                ? [new SelfItem(Group, "Leader", Status.Degraded, $"no Lease of an operator in {@namespace}", "Start an operator, or name its namespace in Portal:Operator:LeaderElectionNamespace.")]
                : leases.Select(Describe);
        }
        catch (KubernetesException exception)
        {
            return [new SelfItem(Group, "Leader", Status.Unknown, $"the Leases in {@namespace} cannot be read: {exception.Message}", "Give the portal the right to list leases there.")];
        }
    }

    private SelfItem Describe(KubeObject lease)
    {
        var spec = lease.Json["spec"];
        var holder = spec?["holderIdentity"]?.ToString();
        var seconds = spec?["leaseDurationSeconds"] is JsonValue value && value.TryGetValue(out int number) ? number : 15;
        var renewed = DateTimeOffset.TryParse(spec?["renewTime"]?.ToString(), CultureInfo.InvariantCulture, out var time) ? time : (DateTimeOffset?)null;
        var age = renewed is null ? (TimeSpan?)null : clock.GetUtcNow() - renewed;
        var isHeld = !string.IsNullOrEmpty(holder) && age < TimeSpan.FromSeconds(seconds * 2);
        return new SelfItem(Group, $"Lease {lease.Name}", isHeld ? Status.Ready : Status.Failed,
            isHeld ? $"{holder}, renewed {Age.Describe(age!.Value)} ago" : string.IsNullOrEmpty(holder) ? "nobody holds it" : $"{holder} has not renewed it for {(age is { } silent ? Age.Describe(silent) : "ever")}",
            isHeld ? null : "No operator works on these objects: look at its pods.");
    }
}
