using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Portal.Operator.Admission;
using Portal.Operator.Admission.Webhooks;

namespace Portal.Endpoints.Admission;

/// <summary>
/// The webhook's own listener, with TLS and nothing else on it. It shows whatever certificate was loaded last, so that a renewed one is used by the next
/// connection without a restart; until there is one, connections are refused.
/// </summary>
internal sealed partial class AdmissionServer(
    int port, AdmissionChain chain, IWebhookCertificateSource certificates, TimeProvider timeProvider, ILoggerFactory loggerFactory) : IHostedService, IAsyncDisposable
{
    private const int MaxConnections = 1000;
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(30);

    private readonly ILogger _logger = loggerFactory.CreateLogger<AdmissionServer>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile X509Certificate2? _current;
    private WebApplication? _app;
    private Task _renewing = Task.CompletedTask;
    private int _disposed;

    /// <summary>Where it listens, once started.</summary>
    public Uri Address => new(_app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>When the certificate that is shown ends; null while there is none.</summary>
    public DateTimeOffset? Expires => _current?.NotAfter;

    /// <summary>Completes when the first certificate is there.</summary>
    public Task WaitUntilLoadedAsync(CancellationToken cancellationToken) => _loaded.Task.WaitAsync(cancellationToken);

    /// <exception cref="StartupException">The port is in use.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _app = Build();
        _app.Run(new AdmissionEndpoint(chain).HandleAsync);
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            throw new StartupException($"Port {port} is in use: the admission webhook cannot listen there (Portal:Admission:Port).", exception);
        }

        _renewing = RenewAsync(_stopping.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _renewing;
        if (_app is not null)
        {
            await _app.StopAsync(cancellationToken);
        }
    }

    /// <summary>Stops when that has not been done. The container may call this more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await StopAsync(CancellationToken.None);
            await (_app?.DisposeAsync() ?? ValueTask.CompletedTask);
            _current?.Dispose();
            _stopping.Dispose();
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AdmissionEndpoint.MaxBody;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.ListenAnyIP(port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => _current });
            });
        });
        return builder.Build();
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = certificates.Interval;
            try
            {
                // The one before may be in the hands of a handshake; the collector takes it.
                _current = await certificates.LoadAsync(cancellationToken);
                _loaded.TrySetResult();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                wait = s_retry;
                Log.NotLoaded(_logger, exception.Message, wait);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(wait, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The process belongs to the portal: this server must not take its signals.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The admission webhook's certificate cannot be loaded: {Error} Trying again in {Delay}")]
        public static partial void NotLoaded(ILogger logger, string error, TimeSpan delay);
    }
}
