using System.Diagnostics.Metrics;
using Portal.Endpoints;

namespace Portal.Features.Budgets;

/// <summary>How budgets stand, for Prometheus: read when it asks.</summary>
internal sealed class BudgetGauge : IHostedService, IDisposable
{
    private readonly Meter _meter = new(PortalMeter.Name);
    private readonly BudgetBoard _board;

    public BudgetGauge(BudgetBoard board)
    {
        _board = board;
        _meter.CreateObservableGauge("genkit.budget.used.ratio", Read, null, "Spent of a budget in its present window; 1 is all of it.");
    }

    // Hosted so that it is there from the start.
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Read() => _board.All.Select(status => new Measurement<double>(
        (double)status.Percent / 100,
        new("budget", status.Budget.Name), new("namespace", status.Budget.Namespace), new("enforcement", status.Budget.Enforcement.ToString().ToLowerInvariant())));
}
