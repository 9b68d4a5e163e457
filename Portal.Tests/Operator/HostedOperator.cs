using Microsoft.Extensions.Logging.Abstractions;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;
using Portal.Operator;
using Portal.Operator.Evals;

namespace Portal.Tests.Operator;

/// <summary>An operator of its own on the cluster of a fixture, in one namespace, over a connection that can be cut.</summary>
internal sealed class HostedOperator : IAsyncDisposable
{
    private readonly EventRecorder _events;

    public HostedOperator(IdleOperatorFixture fixture, string @namespace, OperatorOptions options, HttpMessageHandler? handler = null, TimeProvider? time = null, IEvalBudgets? budgets = null)
    {
        time ??= TimeProvider.System;
        Connection = new OutageHandler(handler ?? fixture.Client.Connection.Handler);
        var client = new KubeClient(fixture.Client.Connection with { Handler = Connection });
        _events = new EventRecorder(client, "genkit-operator", TimeProvider.System);
        Host = new OperatorHost(client, new InformerFactory(client, @namespace, time, NullLoggerFactory.Instance), _events, options, time, NullLoggerFactory.Instance, budgets);
    }

    public OutageHandler Connection { get; }

    public OperatorHost Host { get; }

    /// <summary>Writes to objects of the namespace: neither definitions nor the Lease.</summary>
    public IEnumerable<string> Writes => Connection.Requests.Where(request => !request.StartsWith("GET ", StringComparison.Ordinal)
        && !request.Contains("/leases", StringComparison.Ordinal) && !request.Contains("/customresourcedefinitions/", StringComparison.Ordinal));

    public async Task StartAsync()
    {
        await Host.StartAsync(CancellationToken.None);
        await Host.WaitUntilRunningAsync(CancellationToken.None).WaitAsync(Shared.ManualTimeProvider.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await _events.DisposeAsync();
        Connection.Dispose();
    }
}
