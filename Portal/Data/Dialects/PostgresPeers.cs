using Npgsql;

namespace Portal.Data.Dialects;

/// <summary>
/// The other portals on the same database, over one connection that is kept open: it hears what they tell with their commits (NOTIFY), and holds the lock of the
/// one that leads. The lock goes with the connection, so a portal that dies leads no longer as soon as the server knows.
/// </summary>
internal sealed class PostgresPeers(NpgsqlDataSource source, int lockClass, TimeProvider clock) : IAsyncDisposable
{
    /// <summary>Of the channel; each schema has its own, as two portals may share a database.</summary>
    public const string Channel = "'genkit_portal_' || md5(current_schema())";

    /// <summary>How often a portal that does not lead tries to, and one that leads makes sure that it still does.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource<CancellationToken> _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _lead;
    private Task _work = Task.CompletedTask;
    private bool _started;

    /// <summary>Which process a message comes from: its own are no news.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Raised for each message of another portal, one after the other; with <see cref="PortalTopics.Anything"/> when some may have been missed.</summary>
    public event Action<string, string>? Told;

    /// <summary>Runs <paramref name="work"/> whenever this portal leads, until cancelled; its token is cancelled when it leads no longer.</summary>
    public async Task LeadAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        Start();
        while (!cancellationToken.IsCancellationRequested)
        {
            Task<CancellationToken> leading;
            lock (_lock)
            {
                leading = _leading.Task;
            }

            var lead = await leading.WaitAsync(cancellationToken);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(lead, cancellationToken);
            await work(both.Token);
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            if (!_started)
            {
                _started = true;
                _work = Task.Run(RunAsync);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _work;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(_stopping.Token);
                connection.Notification += (_, notification) => Hear(notification.Payload);
                await ExecuteAsync(connection, $"DO $$ BEGIN EXECUTE format('LISTEN %I', {Channel}); END $$");

                // The first time too: much is read before this listens.
                Told?.Invoke(PortalTopics.Anything, "");
                await ListenAsync(connection);
            }
            catch (Exception)
            {
                // The server is away, or this ends; or somebody could not take what was told. Those who ask the server something say so. Whatever it was, it is
                // tried again: a portal that is deaf without a word would show and do what is no longer so.
            }
            finally
            {
                Resign();
            }

            await Task.Delay(s_interval, clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection)
    {
        while (true)
        {
            if (_lead is null && await ExecuteAsync(connection, $"SELECT pg_try_advisory_lock({lockClass + 1}, hashtext(current_schema()))") is true)
            {
                Lead();
            }

            // False when nothing came: then a leader asks whether the server is still there, as a dead network is silent.
            if (!await connection.WaitAsync(s_interval, _stopping.Token) && _lead is not null)
            {
                await ExecuteAsync(connection, "SELECT 1");
            }
        }
    }

    private void Hear(string payload)
    {
        if (payload.Split('\n', 3) is [var from, var topic, var detail] && from != Id)
        {
            Told?.Invoke(topic, detail);
        }
    }

    private void Lead()
    {
        lock (_lock)
        {
            _lead = new CancellationTokenSource();
            _leading.SetResult(_lead.Token);
        }
    }

    private void Resign()
    {
        CancellationTokenSource? lead;
        lock (_lock)
        {
            lead = _lead;
            if (lead is null)
            {
                return;
            }

            _lead = null;
            _leading = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Not disposed of: somebody may just be about to look at its token.
        lead.Cancel();
    }

    private async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_stopping.Token);
    }
}
