using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portal.ApiServer.Admission;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Controllers;
using Portal.ApiServer.Handlers;
using Portal.ApiServer.Resources;
using Portal.ApiServer.Storage;
using Portal.ApiServer.Transport;
using Portal.Kubernetes.Client;

namespace Portal.ApiServer;

/// <summary>
/// A Kubernetes-compatible API server in this process. A write that was answered is on disk; after a crash everything is back.
/// Code in the process talks to it over <see cref="Connection"/> as <c>system:masters</c>; kubectl over TLS with <see cref="Kubeconfig"/>.
/// </summary>
public sealed class KubeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RevisionLog _log;
    private readonly Credentials? _credentials;
    private readonly ServiceAccountKey _key;
    private readonly AuditLog? _audit;
    private readonly CancellationTokenSource _stopping;
    private readonly BackgroundWork _work;
    private readonly WebhookClient _webhooks;
    private int _disposed;

    private KubeApiServer(
        WebApplication app, RevisionLog log, Credentials? credentials, ServiceAccountKey key, AuditLog? audit, CancellationTokenSource stopping, BackgroundWork work, WebhookClient webhooks,
        InMemoryTransport transport)
    {
        _webhooks = webhooks;
        _app = app;
        _log = log;
        _credentials = credentials;
        _key = key;
        _audit = audit;
        _stopping = stopping;
        _work = work;
        Connection = new KubeConnection(new Uri("http://embedded.invalid"), transport.CreateHandler(), "default", "embedded");
        SecureAddress = FindSecureAddress(app);
        Kubeconfig = SecureAddress is null ? null : credentials?.Kubeconfig(SecureAddress);
    }

    /// <summary>HTTP over in-memory pipes, trusted as an administrator.</summary>
    public KubeConnection Connection { get; }

    /// <summary>Address of the TLS listener, or null when there is none.</summary>
    public Uri? SecureAddress { get; }

    /// <summary>YAML text of a kubeconfig for the TLS listener: it holds the administrator's token, so keep it private. Null without a listener.</summary>
    public string? Kubeconfig { get; }

    /// <summary>Opens the database, serves the CRDs in it, and listens.</summary>
    /// <exception cref="IOException">The port or the database is in use, or the database cannot be opened; the message is one line for people.</exception>
    public static async Task<KubeApiServer> StartAsync(
        ApiServerOptions options, TimeProvider timeProvider, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        SqliteBootstrap.Initialize();
        if (options.DatabasePath is not null && Path.GetDirectoryName(Path.GetFullPath(options.DatabasePath)) is { } directory)
        {
            Directory.CreateDirectory(directory);
        }

        var log = RevisionLog.Open(options.DatabasePath, timeProvider, options.StorageProbe);
        var stopping = new CancellationTokenSource();
        var webhooks = new WebhookClient(new ServiceEndpoints(log), timeProvider);
        Credentials? credentials = null;
        ServiceAccountKey? key = null;
        AuditLog? audit = null;
        WebApplication? app = null;
        try
        {
            var registry = new ResourceRegistry(BuiltInResources.All());
            var admission = new AdmissionChain(
                [new EscalationCheck(), new LocalAdmission(options.LocalWebhooks), new WebhookAdmission(webhooks, loggerFactory.CreateLogger<WebhookAdmission>())]);
            var context = new ServerContext(log, registry, admission, timeProvider, loggerFactory, stopping.Token);
            var crds = new CrdController(context);
            await crds.LoadAsync();
            await BuiltInObjects.EnsureAsync(context, cancellationToken);
            var access = new AccessController(context);
            await access.SweepAsync();
            context.AfterWrite = async written =>
            {
                await crds.AfterWriteAsync(written);
                await access.AfterWriteAsync(written);
            };
            credentials = options.SecurePort is null ? null : Credentials.Load(options.CertificateDirectory, timeProvider);
            audit = options.Audit is null ? null : AuditLog.Open(options.Audit, timeProvider, loggerFactory.CreateLogger<AuditLog>());
            key = ServiceAccountKey.Load(options.CertificateDirectory);
            var tokens = new ServiceAccountTokens(key, log, timeProvider);
            var transport = new InMemoryTransport();
            app = Build(options, loggerFactory, transport, credentials);
            var router = new RequestRouter(context, new Authenticator(credentials?.Token, tokens), tokens, new PodLogHandler(context, options.PodLogs), audit);
            app.Run(router.HandleAsync);
            await StartAsync(app, options, cancellationToken);
            var work = BackgroundWork.Start(context, crds);
            return new KubeApiServer(app, log, credentials, key, audit, stopping, work, webhooks, transport);
        }
        catch
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            credentials?.Dispose();
            key?.Dispose();
            audit?.Dispose();
            webhooks.Dispose();
            stopping.Dispose();
            log.Dispose();
            throw;
        }
    }

    internal RevisionLog Log => _log;

    /// <summary>Forgets all history so far, as the background work does after many writes.</summary>
    internal void Compact() => _log.Compact(_log.Revision);

    /// <summary>Ends watches, waits for writes under way, and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _work.DisposeAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Connection.Handler.Dispose();
        _log.Dispose();
        _credentials?.Dispose();
        _key.Dispose();
        _audit?.Dispose();
        _webhooks.Dispose();
        _stopping.Dispose();
    }

    private static WebApplication Build(ApiServerOptions options, ILoggerFactory loggerFactory, InMemoryTransport transport, Credentials? credentials)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();

        // In this order: the socket transport registers itself only where there is none yet.
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().UseSockets();
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;

            // A watch is silent for as long as nothing happens, and the body limit is checked where it can be told as a Status.
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MaxConcurrentConnections = null;
            kestrel.Listen(transport.EndPoint, listen => listen.Protocols = HttpProtocols.Http1);
            if (credentials is not null)
            {
                kestrel.Listen(IPAddress.Loopback, options.SecurePort!.Value, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1AndHttp2;
                    listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = credentials.Server });
                });
            }
        });
        return builder.Build();
    }

    private static async Task StartAsync(WebApplication app, ApiServerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException problem) when (problem.InnerException is AddressInUseException)
        {
            throw new IOException($"Port {options.SecurePort} on 127.0.0.1 is in use: the API server for kubectl cannot listen there.", problem);
        }
    }

    private static Uri? FindSecureAddress(WebApplication app) => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
        .Where(address => address.StartsWith("https://", StringComparison.Ordinal))
        .Select(address => new Uri(address))
        .FirstOrDefault();

    /// <summary>The process belongs to someone else: the server must not take its signals, and stops when it is disposed.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
