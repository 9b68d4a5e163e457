using Microsoft.EntityFrameworkCore;
using Portal.Embedded;
using Portal.Endpoints;

namespace Portal.Data;

/// <summary>The portal's own database, <c>portal.db</c> in the data directory.</summary>
public static class DataModule
{
    public static IServiceCollection AddPortalData(this IServiceCollection services)
    {
        services.AddSingleton(provider => new PortalDatabase(Path.Combine(provider.GetRequiredService<DataDirectory>().Root, "portal.db")));
        services.AddSingleton<IReadinessCheck, DatabaseCheck>();
        return services;
    }

    /// <summary>Opens the database now, so that a broken one ends the start with one clear line.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static void OpenPortalData(this IServiceProvider services) => services.GetRequiredService<PortalDatabase>();

    private sealed class DatabaseCheck(PortalDatabase database) : IReadinessCheck
    {
        public async ValueTask<string?> FindProblemAsync(CancellationToken cancellationToken)
        {
            try
            {
                await database.ReadAsync(context => context.Milestones.CountAsync(cancellationToken));
                return null;
            }
            catch (Microsoft.Data.Sqlite.SqliteException exception)
            {
                return $"portal.db: {exception.Message}";
            }
        }
    }
}
