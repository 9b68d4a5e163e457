using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Portal.Data;
using Portal.Data.Steps;
using Portal.Features.Usage;
using Portal.Runner.Contract;
using Portal.Runner.Usage;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Usage;

/// <summary>A portal that upgrades a database of calls while a runner has calls to tell.</summary>
public sealed class UsageMigrationTests : IDisposable
{
    private const string Token = "usage-migration-test";
    private const int Old = 5_000;
    private const int New = 400;

    private readonly string _data = Directory.CreateTempSubdirectory("portal-tests-").FullName;
    private readonly string _spool = Directory.CreateTempSubdirectory("usage-").FullName;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_data, recursive: true);
        Directory.Delete(_spool, recursive: true);
    }

    [Fact]
    public async Task Start_DatabaseIsUpgradedWhileARunnerTells_CountsEveryCallOnce()
    {
        if (TestPostgres.Server is not null)
        {
            return; // began later than the step that has the most to do
        }

        WriteOldDatabase();
        var port = FreePort();
        using var client = UsageDelivery.CreateClient();
        await using var runner = new UsageReporter(
            new UsageOptions { Portal = $"http://127.0.0.1:{port}", Token = Token, SpoolDirectory = _spool }, client, TimeProvider.System, NullLogger<UsageReporter>.Instance);
        Report(runner, 0, New / 2);

        var starting = PortalApplication.StartAsync(
            [.. RunningPortal.Arguments(_data), "--urls", $"http://127.0.0.1:{port}", "--Portal:Usage:Token", Token],
            builder => builder.Logging.SetMinimumLevel(LogLevel.None), CancellationToken.None);
        Report(runner, New / 2, New);
        await using var portal = await starting;

        var database = portal.Services.GetRequiredService<PortalDatabase>();
        await UntilAsync(portal.Services.GetRequiredService<UsageLog>(), () => database.ReadAsync(context => context.Usage.CountAsync(row => row.Flow == "new")));
        var (calls, hours, days) = await database.ReadAsync(async context => (
            await context.Usage.CountAsync(), await context.UsageHours.SumAsync(hour => hour.Calls), await context.UsageDays.SumAsync(day => day.Calls)));
        Assert.Equal((Old + New, (long)Old + New, (long)Old + New), (calls, hours, days));
    }

    private static void Report(UsageReporter runner, int from, int to)
    {
        for (var index = from; index < to; index++)
        {
            runner.Report(new UsageRecord
            {
                CallId = $"new-{index}",
                StartedAt = TimeProvider.System.GetUtcNow(),
                Namespace = "team",
                Flow = "new",
                Provider = "openai",
                Model = "gpt-4o",
                Usage = new TokenUsage { InputTokens = 10, OutputTokens = 1 },
                FinishReason = "stop",
                Duration = TimeSpan.FromMilliseconds(5),
            });
        }
    }

    private static async Task UntilAsync(UsageLog log, Func<Task<int>> countAsync)
    {
        using var changed = new SemaphoreSlim(0);
        void OnChanged() => changed.Release();
        log.Changed += OnChanged;
        try
        {
            while (await countAsync() < New)
            {
                Assert.True(await changed.WaitAsync(RunningPortal.Patience), "They never arrived.");
            }
        }
        finally
        {
            log.Changed -= OnChanged;
        }
    }

    /// <summary>As the portal wrote it before it kept sums.</summary>
    private void WriteOldDatabase()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "portal.db")};Pooling=False");
        connection.Open();
        var steps = PortalSchema.Steps.TakeWhile(step => step.Sqlite != UsageRollupStep.Sqlite).ToList();
        foreach (var sql in steps.Select(step => step.Sqlite).Append($"PRAGMA user_version = {steps.Count}").Append($"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Old})
            INSERT INTO usage (CallId, StartedAt, ReceivedAt, Source, Namespace, Flow, Provider, Model, InputTokens, OutputTokens, Outcome, FinishReason, DurationMicroseconds)
            SELECT 'old-' || i, '{Yesterday}', '{Yesterday}', 'flow', 'team', 'old' || (i % 50), 'openai', 'gpt-4o', 10, 1, 'OK', 'stop', 20000 FROM n
            """))
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
    }

    private static string Yesterday => TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
