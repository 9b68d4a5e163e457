using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portal.Data.Dialects;
using Portal.Embedded;
using Portal.Endpoints;

namespace Portal.Data;

/// <summary>The portal's own database: <c>portal.db</c> in the data directory, or PostgreSQL.</summary>
public static class DataModule
{
    public static IServiceCollection AddPortalData(this IServiceCollection services, PortalDatabase database)
    {
        services.AddSingleton(database);
        services.AddSingleton<IReadinessCheck, DatabaseCheck>();
        services.AddHostedService<LeaderWork>();
        return services;
    }

    /// <summary>Opens the database, and has its model made, which the first query would wait for.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static PortalDatabase Open(DatabaseOptions options, DataDirectory data, ILogger<PortalDatabase> logger)
    {
        var database = new PortalDatabase(DialectOf(options, data), logger);
        _ = database.Read(context => context.Model);
        return database;
    }

    private static DatabaseDialect DialectOf(DatabaseOptions options, DataDirectory data) => options.IsPostgres
        ? new PostgresDialect(options.ReadConnectionString())
        : new SqliteDialect(Path.Combine(data.Root, "portal.db"));

    private sealed class DatabaseCheck(PortalDatabase database) : IReadinessCheck
    {
        public async ValueTask<string?> FindProblemAsync(CancellationToken cancellationToken)
        {
            try
            {
                await database.ReadAsync(context => context.Milestones.CountAsync(cancellationToken));
                return null;
            }
            catch (DbException exception)
            {
                return $"the portal's database: {exception.Message}";
            }
        }
    }
}
