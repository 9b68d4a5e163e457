using System.Diagnostics.Metrics;
using Portal.Components;
using Portal.Endpoints;
using Portal.Features.Health.Overview;
using Portal.Features.Health.Self;

namespace Portal.Features.Health;

/// <summary>How flows and the portal itself stand, for Prometheus: read when it asks.</summary>
internal sealed class HealthGauges : IHostedService, IDisposable
{
    private static readonly Status[] s_states = Enum.GetValues<Status>();

    private readonly Meter _meter = new(PortalMeter.Name);
    private readonly FlowBoard _flows;
    private readonly SelfStatus _self;
    private volatile SelfReport? _report;

    public HealthGauges(FlowBoard flows, SelfStatus self)
    {
        (_flows, _self) = (flows, self);
        _meter.CreateObservableGauge("genkit.flows", CountFlows, "{flow}", "Flows and FlowSets, by namespace and state.");
        _meter.CreateObservableGauge("genkit.portal.part.status", ReadSelf, null, "Parts of the portal and the operator: 0 works, 1 is not known, 2 is degraded, 3 has failed.");
    }

    // Hosted so that it is there from the start.
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> CountFlows()
    {
        foreach (var rows in _flows.List().GroupBy(row => row.Namespace))
        {
            var counts = rows.CountBy(row => row.Status).ToDictionary();
            foreach (var state in s_states)
            {
                yield return new Measurement<long>(counts.GetValueOrDefault(state), new("namespace", rows.Key), new("state", state.ToString().ToLowerInvariant()));
            }
        }
    }

    private IEnumerable<Measurement<long>> ReadSelf()
    {
        // Finding out takes time: what is told is what the last reading began.
        _ = _self.ReadAsync().ContinueWith(reading => _report = reading.Result, CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        return (_report?.Items ?? []).GroupBy(item => (item.Group, item.Name)).Select(items =>
            new Measurement<long>(items.Max(item => Gravity(item.Status)), new("group", items.Key.Group), new("part", items.Key.Name)));
    }

    private static long Gravity(Status status) => status switch
    {
        Status.Failed => 3,
        Status.Degraded => 2,
        Status.Unknown => 1,
        _ => 0,
    };
}
