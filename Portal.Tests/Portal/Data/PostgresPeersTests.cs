using Microsoft.EntityFrameworkCore;
using Npgsql;
using Portal.Data;
using Portal.Data.Dialects;
using Portal.Tests.Shared;

namespace Portal.Tests.Portal.Data;

/// <summary>Several portals on one database.</summary>
public sealed class PostgresPeersTests : IDisposable
{
    private readonly string _connectionString = TestPostgres.Server is null ? "" : TestPostgres.Create();

    public void Dispose()
    {
        if (TestPostgres.Server is not null)
        {
            TestPostgres.Drop(_connectionString);
        }
    }

    [PostgresFact]
    public async Task WriteAsync_ManyPortalsAtOnce_LosesNone()
    {
        PortalDatabase[] portals = [Open(), Open(), Open()];
        var first = new Draft { Namespace = "n", Name = "p", Content = "0", UpdatedAt = DateTime.UnixEpoch };
        await portals[0].WriteAsync(context => context.Drafts.AddAsync(first).AsTask(), default);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(number => portals[number % 3].WriteAsync(
            async context =>
            {
                var draft = await context.Drafts.SingleAsync();
                draft.Content = Invariant(int.Parse(draft.Content, System.Globalization.CultureInfo.InvariantCulture) + 1);
            },
            default)));

        Assert.Equal("30", (await portals[1].ReadAsync(context => context.Drafts.SingleAsync())).Content);
        Close(portals);
    }

    [PostgresFact]
    public async Task Tell_Committed_IsHeardByTheOthersOnly()
    {
        PortalDatabase[] portals = [Open(), Open()];
        var heard = new TaskCompletionSource<(string, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var own = new List<string>();
        portals[0].Told += (topic, _) => own.Add(topic);
        portals[1].Told += (topic, detail) =>
        {
            if (topic != PortalTopics.Anything)
            {
                heard.TrySetResult((topic, detail));
            }
        };
        await ListeningAsync(2);

        await Assert.ThrowsAsync<InvalidOperationException>(() => portals[0].WriteAsync<int>(
            context =>
            {
                context.Tell("undone");
                throw new InvalidOperationException("Given up.");
            },
            default));
        await portals[0].WriteAsync(
            context =>
            {
                context.Tell("drafts", "n/p");
                return Task.CompletedTask;
            },
            default);

        Assert.Equal(("drafts", "n/p"), await heard.Task.WaitAsync(RunningPortal.Patience));
        Assert.Equal([PortalTopics.Anything], own);
        Close(portals);
    }

    [PostgresFact]
    public async Task Told_BeginsToListenAndConnectionBroken_SaysThatAnythingMayBeDifferent()
    {
        var portal = Open();
        using var heard = new SemaphoreSlim(0);
        portal.Told += (topic, _) => heard.Release(topic == PortalTopics.Anything ? 1 : 0);
        Assert.True(await heard.WaitAsync(RunningPortal.Patience));

        Cut();

        Assert.True(await heard.WaitAsync(RunningPortal.Patience));
        Close(portal);
    }

    [PostgresFact]
    public async Task Told_HandlerThrows_ListensAnewAndSaysSo()
    {
        PortalDatabase[] portals = [Open(), Open()];
        var topics = System.Threading.Channels.Channel.CreateUnbounded<string>();
        var fails = true;
        portals[1].Told += (topic, _) =>
        {
            topics.Writer.TryWrite(topic);
            if (fails)
            {
                fails = false;
                throw new InvalidOperationException("Could not take it.");
            }
        };
        await NextAsync(PortalTopics.Anything);
        await NextAsync(PortalTopics.Anything);

        await portals[0].WriteAsync(
            context =>
            {
                context.Tell("drafts", "n/p");
                return Task.CompletedTask;
            },
            default);

        await NextAsync("drafts");
        Close(portals);

        async Task NextAsync(string expected) => Assert.Equal(expected, await topics.Reader.ReadAsync().AsTask().WaitAsync(RunningPortal.Patience));
    }

    [PostgresFact]
    public async Task Lead_OfTwo_IsOneAndPassesOnWhenItsConnectionBreaks()
    {
        PortalDatabase[] portals = [Open(), Open()];
        using var stop = new CancellationTokenSource();
        var terms = System.Threading.Channels.Channel.CreateUnbounded<int>();
        var leading = 0;
        var most = 0;
        var work = portals.Select((portal, number) => portal.LeadAsync(
            async lead =>
            {
                most = Math.Max(most, Interlocked.Increment(ref leading));
                terms.Writer.TryWrite(number);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, lead).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Interlocked.Decrement(ref leading);
            },
            stop.Token)).ToArray();
        await terms.Reader.ReadAsync().AsTask().WaitAsync(RunningPortal.Patience);

        Cut();

        await terms.Reader.ReadAsync().AsTask().WaitAsync(RunningPortal.Patience);
        await stop.CancelAsync();
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.Equal(0, leading);
        Close(portals);
    }

    [PostgresFact]
    public async Task WriteAsync_ConnectionsOfThePoolBroken_GoesOn()
    {
        var portal = Open();
        await portal.ReadAsync(context => context.Drafts.CountAsync());
        Cut();

        await portal.WriteAsync(context => context.Milestones.AddAsync(new Milestone { Name = "run", At = DateTime.UnixEpoch }).AsTask(), default);

        Assert.Equal(1, await portal.ReadAsync(context => context.Milestones.CountAsync()));
        Close(portal);
    }

    private PortalDatabase Open() => new(new PostgresDialect(_connectionString));

    private static void Close(params PortalDatabase[] portals) => Array.ForEach(portals, portal => portal.Dispose());

    private static string Invariant(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private string Name => new NpgsqlConnectionStringBuilder(_connectionString).Database!;

    /// <summary>Ends all connections, as a restart of the server does.</summary>
    private void Cut() => TestPostgres.Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name}'");

    private async Task ListeningAsync(int count)
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        await using var connection = new NpgsqlConnection(TestPostgres.Server + ";Pooling=false");
        await connection.OpenAsync(timeout.Token);
        await using var command = new NpgsqlCommand(
            $"SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '{Name}' AND (query LIKE '%LISTEN%' OR query LIKE '%pg_try_advisory_lock%' OR query = 'SELECT 1') AND state = 'idle'", connection);
        while ((long)(await command.ExecuteScalarAsync(timeout.Token))! < count)
        {
            await Task.Yield();
        }
    }
}
