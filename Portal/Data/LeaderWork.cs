using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Portal.Data;

/// <summary>Work that one of several portals does: on SQLite this one, on PostgreSQL the one that leads.</summary>
internal sealed class LeaderWork(PortalDatabase database, IEnumerable<LeaderService> services) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => database.LeadAsync(WorkAsync, stoppingToken);

    private async Task WorkAsync(CancellationToken leading)
    {
        var started = new List<BackgroundService>();
        try
        {
            foreach (var service in services.Select(item => item.Service))
            {
                started.Add(service);
                await service.StartAsync(CancellationToken.None);
            }

            // As the host does for services of its own, a failure ends the portal; one that has nothing to do returns.
            var over = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, leading);
            var working = started.Select(service => service.ExecuteTask ?? Task.CompletedTask).ToList();
            while (working.Count > 0 && await Task.WhenAny([over, .. working]) is var first && first != over)
            {
                await first;
                working.Remove(first);
            }

            await over.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            foreach (var service in started.AsEnumerable().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }
        }
    }
}

/// <summary>A service that works only where <see cref="LeaderWork"/> lets it.</summary>
internal sealed record LeaderService(BackgroundService Service);

internal static class LeaderServices
{
    /// <summary>In place of <c>AddHostedService</c>: of several portals on one database only one runs it. It may be stopped and started again.</summary>
    public static IServiceCollection AddLeaderService<T>(this IServiceCollection services) where T : BackgroundService
    {
        services.TryAddSingleton<T>();
        return services.AddSingleton(static provider => new LeaderService(provider.GetRequiredService<T>()));
    }
}
