using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Portal.Runner.Budgets;
using Portal.Runner.Engine;
using Portal.Runner.Flows;
using Portal.Runner.Providers;
using Portal.Runner.Reflection;
using Portal.Runner.Telemetry;
using Portal.Runner.Tools;
using Portal.Runner.Usage;

namespace Portal.Runner.Hosting;

/// <summary>A listening runner. Built from the smallest host there is: start-up time is what a person waits for after Publish.</summary>
internal sealed class RunnerServer : IAsyncDisposable
{
    // Beyond the drain: time to write the last error frames.
    private static readonly TimeSpan s_afterDrain = TimeSpan.FromSeconds(3);
    private readonly WebApplication _app;
    private readonly DrainSignal _drain;

    private IAsyncDisposable? _reflection;

    private RunnerServer(WebApplication app, DrainSignal drain) => (_app, _drain) = (app, drain);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public ServedFlows Flows => _app.Services.GetRequiredService<ServedFlows>();

    /// <exception cref="StartupException">The files are wrong or the port cannot be had.</exception>
    public static async Task<RunnerServer> StartAsync(
        RunnerOptions options, ProviderCatalog providers, TimeProvider timeProvider, Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        var drain = new DrainSignal(timeProvider, options.Drain);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        logging(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // FlowInput holds the limit, so that the answer is ours
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, options.SlowBodyGrace);
            if (options.Host is { } host)
            {
                kestrel.Listen(host, options.Port);
            }
            else
            {
                kestrel.ListenAnyIP(options.Port);
            }
        });
        // Sends from where the answer is written. Every chunk of every stream would cost one more change of threads.
        builder.Services.Configure<SocketTransportOptions>(static sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Drain + s_afterDrain);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(providers);
        builder.Services.AddSingleton(timeProvider);
        builder.Services.AddSingleton(drain);
        builder.Services.AddSingleton(new IdleTrim(timeProvider, IdleTrim.Collect));
        builder.Services.AddSingleton(_ => ToolCatalog.Create(options.ToolNetwork, timeProvider: timeProvider));
        builder.Services.AddSingleton(services => new FlowEngine(providers, timeProvider, services.GetRequiredService<ToolCatalog>()));
        builder.Services.AddUsage(options.Usage);
        builder.Services.AddBudgets(options);
        builder.Services.AddSingleton(_ => new PrometheusMetrics(RunnerTelemetry.Name));
        builder.Services.AddSingleton<ServedFlows>();
        builder.Services.AddSingleton<FlowEndpoints>();
        builder.Services.AddSingleton<OpenApiDocument>();
        builder.Services.AddSingleton<CrossOrigin>();
        builder.Services.AddSingleton<RunnerEndpoints>();
        var app = builder.Build();
        app.Lifetime.ApplicationStopping.Register(drain.Begin);
        try
        {
            app.Run(app.Services.GetRequiredService<RunnerEndpoints>().HandleAsync);
            await app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            await app.DisposeAsync();
            throw new StartupException($"cannot listen on port {options.Port}: {exception.Message}", exception);
        }
        catch (StartupException)
        {
            await app.DisposeAsync();
            throw;
        }

        var server = new RunnerServer(app, drain);
        server.Flows.Watch();
        app.Services.GetRequiredService<IdleTrim>().Start();
        app.Services.GetService<BudgetWatch>(); // asks from now on
        try
        {
            server._reflection = await ReflectionHost.StartAsync(
                options.Reflection, server.Flows, app.Services.GetRequiredService<FlowEngine>(), app.Services.GetRequiredService<CallReports>(), timeProvider,
                app.Services.GetRequiredService<ILoggerFactory>(), cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends when the process is told to stop and running calls are done or out of time.</summary>
    public Task WaitForStopAsync(CancellationToken stop) => _app.WaitForShutdownAsync(stop);

    /// <summary>Refuses new calls, waits for running ones within the drain time, then ends them.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_reflection is not null)
        {
            await _reflection.DisposeAsync();
        }

        await _app.DisposeAsync();
        _drain.Dispose();
    }
}
