using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded.Workloads;

/// <summary>
/// The EndpointSlice controller of this machine. Every pod listens on a port of its own, and a slice has one set of ports,
/// so each pod of a Service gets its own slice.
/// </summary>
internal sealed class EndpointSliceReconciler(
    KubeClient client, Informer<KubeObject> services, Informer<KubeObject> pods, Informer<KubeObject> slices, Func<KubeObject, int?> findPort,
    ServicesFile names) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ResourceRef key, CancellationToken cancellationToken)
    {
        var service = services.Store.Find(key.Namespace, key.Name);
        if (service is null || service.DeletionTimestamp is not null)
        {
            names.Set(key.Namespace!, key.Name, []);
            return ReconcileResult.Done;
        }

        var resource = client.Resource(BuiltIn.EndpointSlice);
        var selected = pods.Store.List(key.Namespace).Where(pod => pod.DeletionTimestamp is null && Selects(service, pod)).ToList();
        names.Set(key.Namespace!, key.Name, [.. selected.Where(IsReady).Select(findPort).OfType<int>().Order()]);
        var wanted = selected
            .Select(pod => findPort(pod) is { } port ? Slice(service, pod, port) : null)
            .OfType<KubeObject>()
            .ToList();
        foreach (var slice in wanted)
        {
            await resource.ApplyAsync(slice, new WriteOptions { Manager = FieldManager.Local, Force = true }, cancellationToken);
        }

        foreach (var slice in slices.Store.List(key.Namespace).Where(slice => IsOurs(slice, service)))
        {
            if (wanted.TrueForAll(other => other.Name != slice.Name))
            {
                await resource.DeleteAsync(slice.Namespace, slice.Name, null, cancellationToken);
            }
        }

        return ReconcileResult.Done;
    }

    /// <summary>The Services of the pod's namespace that select it.</summary>
    public IEnumerable<ResourceRef> ServicesOf(KubeObject pod) =>
        services.Store.List(pod.Namespace).Where(service => Selects(service, pod))
            .Select(service => new ResourceRef("", BuiltIn.Service.Kind, service.Namespace, service.Name));

    private static bool IsOurs(KubeObject slice, KubeObject service) =>
        slice.Labels.GetValueOrDefault(LocalNode.SliceManagerLabel) == LocalNode.Name &&
        slice.Labels.GetValueOrDefault(LocalNode.ServiceNameLabel) == service.Name;

    private static bool Selects(KubeObject service, KubeObject pod)
    {
        var selector = service.Json["spec"]?["selector"] as JsonObject ?? [];
        var labels = pod.Labels;
        return selector.Count > 0 && selector.All(pair => labels.GetValueOrDefault(pair.Key) == pair.Value?.ToString());
    }

    private static bool IsReady(KubeObject pod) => pod.FindCondition("Ready")?.IsTrue == true;

    private static KubeObject Slice(KubeObject service, KubeObject pod, int port)
    {
        var ready = IsReady(pod);
        var portName = service.Json["spec"]?["ports"]?[0]?["name"]?.ToString();
        return new KubeObject(new JsonObject
        {
            ["apiVersion"] = BuiltIn.EndpointSlice.ApiVersion,
            ["kind"] = BuiltIn.EndpointSlice.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{service.Name}-{pod.Name[(pod.Name.LastIndexOf('-') + 1)..]}",
                ["namespace"] = service.Namespace,
                ["labels"] = new JsonObject { [LocalNode.ServiceNameLabel] = service.Name, [LocalNode.SliceManagerLabel] = LocalNode.Name },
                ["ownerReferences"] = new JsonArray(Owner("v1", "Service", service, controller: true), Owner("v1", "Pod", pod, controller: false)),
            },
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(LocalNode.Address),
                ["conditions"] = new JsonObject { ["ready"] = ready, ["serving"] = ready, ["terminating"] = false },
                ["nodeName"] = LocalNode.Name,
                ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
            }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = portName ?? "", ["port"] = port, ["protocol"] = "TCP" }),
        });
    }

    private static JsonObject Owner(string apiVersion, string kind, KubeObject owner, bool controller) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = controller,
        ["blockOwnerDeletion"] = false,
    };
}
