using Portal.Runner.Engine;
using Portal.Runner.Flows;
using Portal.Runner.Usage;

namespace Portal.Runner.Reflection;

/// <summary>Makes the flows of a process reachable for Genkit's development tools, whichever way those asked for.</summary>
internal static class ReflectionHost
{
    /// <summary>Ends with what is returned; null outside development.</summary>
    public static async Task<IAsyncDisposable?> StartAsync(
        ReflectionOptions? options, ServedFlows flows, FlowEngine engine, CallReports reports, TimeProvider timeProvider, ILoggerFactory loggers,
        CancellationToken cancellationToken)
    {
        if (options is null)
        {
            return null;
        }

        var actions = new RunnerActions(flows, engine, reports);
        if (options.Server is null)
        {
            return await ReflectionServer.StartAsync(options, actions, timeProvider, cancellationToken);
        }

        var client = new ReflectionClient(options, actions, timeProvider, loggers.CreateLogger<ReflectionClient>());
        client.Start();
        return client;
    }
}
