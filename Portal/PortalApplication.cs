using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration.Memory;
using Portal.Auth;
using Portal.Auth.Oidc;
using Portal.Auth.Tokens;
using Portal.Components;
using Portal.Data;
using Portal.Embedded;
using Portal.Endpoints;
using Portal.Endpoints.Admission;
using Portal.Features.Audit;
using Portal.Features.Budgets;
using Portal.Features.Costs;
using Portal.Features.Demo;
using Portal.Features.Digests;
using Portal.Features.Exchange;
using Portal.Features.Flows;
using Portal.Features.Health;
using Portal.Features.Home;
using Portal.Features.Import;
using Portal.Features.Notifications;
using Portal.Features.Ownership;
using Portal.Features.Playground;
using Portal.Features.Prices;
using Portal.Features.Prompts;
using Portal.Features.Releases;
using Portal.Features.Runs;
using Portal.Features.Usage;
using Portal.Operator;
using Portal.Operator.Admission;
using Portal.Runner.Telemetry;

namespace Portal;

/// <summary>The composition root: a portal that has started, until it is disposed.</summary>
public sealed class PortalApplication : IAsyncDisposable
{
    /// <summary>Largest body in bytes where an address sets no limit of its own.</summary>
    private const int MaximumBody = 8 * 1024 * 1024;

    private static readonly Dictionary<string, string?> s_defaults = new()
    {
        // Names of loopback only: a page on the internet cannot reach the portal by rebinding its own name.
        ["AllowedHosts"] = "localhost;127.0.0.1;[::1]",
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:System"] = "Warning",

        // It warns that keys lie unencrypted on disk; that they are for their owner alone it does not know.
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Error",

        // Its catch-all route answers GET on addresses that take only POST with 404; it is for files that change without a build, which the build of the front end does not do.
        ["ReloadStaticAssetsAtRuntime"] = "false",

        // Start-up failures are told once, by RunAsync.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "None",
    };

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly PortalResources _resources;
    private int _disposed;

    private PortalApplication(WebApplication app, PortalResources resources, Uri address)
    {
        _app = app;
        _resources = resources;
        Address = address;
    }

    /// <summary>The first address the portal listens on, with its real port.</summary>
    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Runs until the process is asked to stop. The result is the exit code; a mistake in the set-up is one clear line on standard error.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args is [CopyCommand.Name, .. var rest])
            {
                await CopyCommand.RunAsync(rest, CancellationToken.None);
                return 0;
            }

            if (OtlpExport.FindProblem(Environment.GetEnvironmentVariable) is { } problem)
            {
                throw new StartupException(problem);
            }

            using var export = OtlpExport.Start("genkit-portal", Environment.GetEnvironmentVariable, MetricsEndpoint.Meters);
            await using var portal = await StartAsync(args, configure: null, CancellationToken.None);
            await portal.WaitForShutdownAsync();
            return 0;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    /// <param name="args">Command line, as <c>Main</c> gets it.</param>
    /// <param name="configure">Changes the builder last, before the application is built.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    /// <exception cref="StartupException">The set-up has a mistake its operator can mend.</exception>
    public static async Task<PortalApplication> StartAsync(string[] args, Action<WebApplicationBuilder>? configure, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(PortalApplication).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // First, so that appsettings.json, the environment and the command line all win over it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = s_defaults });
        configure?.Invoke(builder);
        var options = PortalOptionsValidator.Read(builder.Configuration);
        var urls = ListenAddresses.Read(builder.Configuration, options.SignIn.HasSignIn);
        if (options.ManagementPort is { } management)
        {
            urls = [.. urls, ManagementPort.Address(management)];
            ManagementPort.Add(builder.Services, management);
        }

        if (options.SignIn.HasSignIn && builder.Configuration["AllowedHosts"] == s_defaults["AllowedHosts"])
        {
            // Who they are protects now, not where they are.
            builder.Configuration["AllowedHosts"] = options.PublicUrl is { } url ? $"{url.Host};{s_defaults["AllowedHosts"]}" : "*";
        }

        var resources = new PortalResources();
        WebApplication? app = null;
        try
        {
            await resources.OpenAsync(options, builder.Configuration, cancellationToken);
            builder.WebHost.UseUrls([.. urls]).UseStaticWebAssets().ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = MaximumBody);
            AddServices(builder, options, resources);
            app = builder.Build();
            MapEndpoints(app, options.Role);
            await app.Services.PrepareKeyRingAsync();
            resources.Cluster.Admission?.Use(app.Services.GetRequiredService<AdmissionChain>());
            await StartHostAsync(app, urls, cancellationToken);
            var portal = new PortalApplication(app, resources, AddressOf(app));
            await portal.AnnounceAsync(cancellationToken);
            return portal;
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            await resources.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the process is asked to stop; disposing then stops everything.</summary>
    public async Task WaitForShutdownAsync()
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        await stopping.Task;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            await _resources.DisposeAsync();
        }
    }

    // The line with the URL is an invitation, so it waits until the first page has something to show; but not for a cluster that is away.
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        if (Services.GetService<DemoSeeder>()?.ExecuteTask is { } seeding)
        {
            await Task.WhenAny(seeding, Task.Delay(s_patience, TimeProvider.System, cancellationToken));
        }

        if (_resources.Cluster.Kubeconfig is { } kubeconfig)
        {
            await Console.Out.WriteLineAsync($"For kubectl: export KUBECONFIG={kubeconfig}");
        }

        await Console.Out.WriteLineAsync($"GenkitPortal is running at {Address.GetLeftPart(UriPartial.Authority)}");
    }

    private static void AddServices(WebApplicationBuilder builder, PortalOptions options, PortalResources resources)
    {
        builder.Host.UseDefaultServiceProvider(provider => (provider.ValidateScopes, provider.ValidateOnBuild) = (true, true));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter()));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        // An open page holds a request for ever; what must not be lost is on disk.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        builder.Services.AddCluster(resources.Cluster, resources.PodLogs, options);
        builder.Services.AddGenkitOperator(options.Operator.ToOptions(options.Role, resources.Cluster.Mode));
        builder.Services.AddGenkitAdmission(options.Admission.Rules);
        builder.Services.AddAdmissionServer(options.Admission);
        builder.Services.AddMetricsEndpoint();
        if (options.Role != ProcessRole.Operator)
        {
            AddPortal(builder.Services, options, resources);
        }
    }

    /// <summary>Pages, REST and what they keep: all that a process which is only the operator does without.</summary>
    private static void AddPortal(IServiceCollection services, PortalOptions options, PortalResources resources)
    {
        services.AddSingleton(resources.Data);
        services.AddFlows(throughApiServer: resources.Cluster.Mode == ClusterMode.Kubeconfig);
        if (resources.Cluster.Mode == ClusterMode.Embedded)
        {
            services.AddDemo();
        }

        services.AddPortalData(resources.Database);
        services.AddPortalAuth(options, resources.Data);
        services.AddAudit();
        services.AddOwnership();
        services.AddPrices();
        services.AddCosts();
        services.AddSingleton<UsageToken>();
        services.AddUsage();
        services.AddNotifications();
        services.AddBudgets();
        services.AddPlayground();
        services.AddReleases(options.Releases, withDemo: resources.Cluster.Mode == ClusterMode.Embedded);
        services.AddPrompts();
        services.AddHealth();
        services.AddHome();
        services.AddImport();
        services.AddHostedService<PortalNews>();
        services.AddExchange();
        services.AddRuns();
        services.AddDigests();
        services.AddProblemDetails();
        services.AddOpenApi();
        services.AddPortalUi();
    }

    private static void MapEndpoints(WebApplication app, ProcessRole role)
    {
        app.MapHealth();
        app.MapMetrics();
        if (role == ProcessRole.Operator)
        {
            return;
        }

        app.UseRequestSpans();
        app.UseTrustedProxies();
        app.UsePublicUrl();
        app.UseSecurityHeaders();
        app.UseRateLimiter();
        app.MapOpenApi().RequiresSignIn();
        app.MapPortalUi();
        app.UseCrossSiteGuard();
        app.UseAccessControl();
        app.MapPersonas();
        app.MapSignIn();
        app.MapTokens();
        app.MapFlowsApi();
        app.MapHealthApi();
        app.MapPromptsApi();
        app.MapReleasesApi();
        app.MapUsageApi();
        app.MapCostsApi();
        app.MapBudgetsApi();
        app.MapPricesApi();
        app.MapAuditApi();
        app.MapImportApi();
        app.MapExchangeApi();
        app.MapRunsApi();
        app.MapDigestsApi();
    }

    private static async Task StartHostAsync(WebApplication app, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new StartupException(
                $"{string.Join(", ", urls)} is in use by another program. Stop it, or choose another port: --urls http://127.0.0.1:5081", exception);
        }
        catch (SocketException exception)
        {
            throw new StartupException($"Cannot listen on {string.Join(", ", urls)}: {exception.Message}", exception);
        }
        catch (Exception exception) when ((exception is InvalidOperationException or CryptographicException or IOException) && urls.Any(IsHttps))
        {
            throw new StartupException(
                $"Cannot listen on {string.Join(", ", urls)}: https needs a certificate that can be read (Kestrel:Certificates:Default:Path). On loopback http is enough: {ListenAddresses.Default}", exception);
        }
    }

    private static bool IsHttps(string url) => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static Uri AddressOf(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        return new Uri(addresses!.Addresses.First());
    }
}
