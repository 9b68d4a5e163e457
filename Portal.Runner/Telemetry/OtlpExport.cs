using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Portal.Runner.Hosting;

namespace Portal.Runner.Telemetry;

/// <summary>
/// Sends traces and metrics over OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where; the other variables of OpenTelemetry apply as it defines them.
/// Without it OpenTelemetry is not even loaded.
/// </summary>
internal static class OtlpExport
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // The framework's own span of a request; only with this switch off it carries the conventions' attributes.
    private const string ServerSource = "Microsoft.AspNetCore";
    private const string SuppressSwitch = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    /// <summary>Call before the server is built. Null when nothing is to be sent; disposing sends what is left.</summary>
    /// <exception cref="StartupException">The address is no address.</exception>
    public static IDisposable? Start(string? flowName, Func<string, string?> environment)
    {
        if (environment(EndpointVariable) is not { Length: > 0 } endpoint || environment("OTEL_SDK_DISABLED") == "true")
        {
            return null;
        }

        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new StartupException($"{EndpointVariable}: \"{endpoint}\" is not an address like http://collector:4317");
        }

        AppContext.SetSwitch(SuppressSwitch, false);
        return Build(environment("OTEL_SERVICE_NAME") is { Length: > 0 } name ? name : flowName ?? "genkit-runner");
    }

    // Apart, so that the assemblies are loaded only when this runs.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Providers Build(string serviceName) => new(
        Sdk.CreateTracerProviderBuilder().ConfigureResource(resource => resource.AddService(serviceName))
            .AddSource(RunnerTelemetry.Name, ServerSource).AddOtlpExporter().Build(),
        Sdk.CreateMeterProviderBuilder().ConfigureResource(resource => resource.AddService(serviceName))
            .AddMeter(RunnerTelemetry.Name).AddOtlpExporter().Build());

    private sealed class Providers(TracerProvider traces, MeterProvider metrics) : IDisposable
    {
        public void Dispose()
        {
            traces.Dispose();
            metrics.Dispose();
        }
    }
}
