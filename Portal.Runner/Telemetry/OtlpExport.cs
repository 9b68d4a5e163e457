using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Portal.Runner.Telemetry;

/// <summary>
/// Sends traces and metrics over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where; the other variables of OpenTelemetry apply as it defines them.
/// Without it OpenTelemetry is not even loaded.
/// </summary>
public static class OtlpExport
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // The framework's own span of a request; only with this switch off it carries the conventions' attributes.
    private const string ServerSource = "Microsoft.AspNetCore";
    private const string SuppressSwitch = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>Why <see cref="Start"/> would fail, naming the variable; null when it would not.</summary>
    public static string? FindProblem(Func<string, string?> environment) =>
        EndpointIn(environment) is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            ? $"{EndpointVariable}: \"{endpoint}\" is not an address like http://collector:4317"
            : null;

    /// <summary>Call before the server is built. Null when nothing is to be sent; disposing sends what is left.</summary>
    /// <param name="serviceName">Name of the process, unless <c>OTEL_SERVICE_NAME</c> gives one.</param>
    /// <param name="environment">Reads a variable; null when it is not set.</param>
    /// <param name="meters">What is measured besides <see cref="RunnerTelemetry"/>.</param>
    public static IDisposable? Start(string serviceName, Func<string, string?> environment, params IReadOnlyCollection<string> meters)
    {
        if (EndpointIn(environment) is null)
        {
            return null;
        }

        AppContext.SetSwitch(SuppressSwitch, false);
        return Build(environment("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : serviceName, [RunnerTelemetry.Name, .. meters]);
    }

    private static string? EndpointIn(Func<string, string?> environment) =>
        environment(EndpointVariable) is { Length: > 0 } endpoint && environment("OTEL_SDK_DISABLED") != "true" ? endpoint : null;

    // Apart, so that the assemblies are loaded only when this runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Providers Build(string serviceName, string[] meters) => new(
        Sdk.CreateTracerProviderBuilder().ConfigureResource(resource => resource.AddService(serviceName))
            .AddSource(RunnerTelemetry.Name, ServerSource).AddOtlpExporter().Build(),
        Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => resource.AddService(serviceName))
            .AddMeter(meters).AddOtlpExporter().Build());

    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IDisposable
    {
        public void Dispose()
        {
            traces.Dispose();
            metrics.Dispose();
        }
    }
}
