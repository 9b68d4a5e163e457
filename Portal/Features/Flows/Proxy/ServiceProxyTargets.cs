using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Features.Flows.Proxy;

/// <summary>Goes through the API server's proxy to a flow's Service: the only way in from outside a cluster.</summary>
internal sealed class ServiceProxyTargets : IFlowTargets, IDisposable
{
    private readonly Uri _server;
    private readonly HttpMessageInvoker _client;

    public ServiceProxyTargets(KubeClient client)
    {
        _server = client.Connection.Server;
        _client = new HttpMessageInvoker(client.Connection.Handler, disposeHandler: false);
    }

    public ValueTask<IReadOnlyList<FlowTarget>> FindAsync(string @namespace, string flow, CancellationToken cancellationToken)
    {
        // A server behind a path, as Rancher has it, keeps that path.
        var path = _server.AbsolutePath.TrimEnd('/') + BuiltIn.Service.Path(@namespace) + $"/{Uri.EscapeDataString(flow)}:http/proxy/";
        return ValueTask.FromResult<IReadOnlyList<FlowTarget>>([new FlowTarget(new Uri(_server, path), _client)]);
    }

    public void Dispose() => _client.Dispose();
}
