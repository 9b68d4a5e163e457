using Portal.Auth;
using Portal.Kubernetes;
using Portal.Operator.Admission;
using Portal.Runner.Telemetry;

namespace Portal.Endpoints;

/// <summary>
/// <c>/metrics</c>: what this process measures of the cluster's client and controllers, of admission, of usage, cost and health, and of the playground's
/// models, in Prometheus' text format.
/// </summary>
public static class MetricsEndpoint
{
    /// <summary>Meters of this process, but for <see cref="RunnerTelemetry"/>.</summary>
    public static IReadOnlyCollection<string> Meters { get; } = [KubeMetrics.MeterName, AdmissionMetrics.MeterName, PortalMeter.Name];

    public static IServiceCollection AddMetricsEndpoint(this IServiceCollection services) => services.AddSingleton(new PrometheusMetrics([.. Meters, RunnerTelemetry.Name]));

    public static void MapMetrics(this IEndpointRouteBuilder app) =>
        app.MapGet("/metrics", (PrometheusMetrics metrics) => Results.Text(metrics.Write(), PrometheusMetrics.ContentType))
            .OpenToAll("Scraped without a sign-in; counts and durations, no content.").ExcludeFromDescription();
}
