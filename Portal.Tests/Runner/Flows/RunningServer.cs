using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Portal.Runner.Hosting;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>A runner on real Kestrel at a free port, in this process.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ContractFolder _folder;
    private readonly LogLines _log = new();

    private RunningServer(ContractFolder folder) => _folder = folder;

    public RunnerServer Server { get; private set; } = null!;
    public HttpClient Client { get; private set; } = null!;
    public IEnumerable<string> Log => _log.Lines;

    public static async Task<RunningServer> StartAsync(IModelProvider provider, ContractFolder? folder = null, Func<RunnerOptions, RunnerOptions>? change = null)
    {
        var running = new RunningServer(folder ?? ContractFolder.Single());
        var options = new RunnerOptions { Root = running._folder.Root, Port = 0, Host = IPAddress.Loopback };
        running.Server = await RunnerServer.StartAsync(change?.Invoke(options) ?? options, new ProviderCatalog([provider]), TimeProvider.System,
            logging => logging.AddProvider(running._log), CancellationToken.None);
        running.Client = new HttpClient(new SocketsHttpHandler()) { BaseAddress = running.Server.Address };
        return running;
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, string? accept = null, string contentType = "application/json", CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.StopAsync(CancellationToken.None);
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
