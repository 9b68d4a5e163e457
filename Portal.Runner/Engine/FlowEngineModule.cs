using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Runner.Providers;
using Portal.Runner.Tools;

namespace Portal.Runner.Engine;

/// <summary>The engine for hosts that run prompts themselves, such as the playground.</summary>
public static class FlowEngineModule
{
    /// <summary>Registers <see cref="FlowEngine"/>, the <see cref="ProviderCatalog"/> and the <see cref="ToolCatalog"/> of this build as singletons, and <see cref="TimeProvider"/> when there is none.</summary>
    public static IServiceCollection AddFlowEngine(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ProviderHttp>();
        services.TryAddSingleton(static provider => ProviderCatalog.Create(provider.GetRequiredService<ProviderHttp>().Client, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static _ => ToolCatalog.Create(ToolNetwork.FromEnvironment(Environment.GetEnvironmentVariable)));
        services.TryAddSingleton<FlowEngine>();
        return services;
    }

    /// <summary>Keeps the providers' client apart from any other of the host, and ends it with the host.</summary>
    private sealed class ProviderHttp : IDisposable
    {
        public HttpClient Client { get; } = ProviderCatalog.CreateHttpClient();

        public void Dispose() => Client.Dispose();
    }
}
