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
        app.MapGet("/metrics", Write).OpenToAll("Scraped without a sign-in on the management port; elsewhere it asks itself.").ExcludeFromDescription();

    // They name every namespace with what it costs. A process that is only the operator has no users, and no usage.
    private static IResult Write(HttpContext context, PrometheusMetrics metrics, PortalOptions options) =>
        context.Connection.LocalPort != options.ManagementPort && context.RequestServices.GetService<CurrentUser>() is { } user && !user.May(Permission.ReadNamespace, null)
            ? Results.Problem(
                "Metrics tell of all namespaces: ask on the management port (Portal:ManagementPort), or with a token that may read every namespace (header Authorization: Bearer gp_...).",
                statusCode: user.IsSignedIn ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized)
            : Results.Text(metrics.Write(), PrometheusMetrics.ContentType);
}
