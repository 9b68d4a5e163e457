namespace Portal.ApiServer.Storage;

/// <summary>
/// Hands writes to one thread, in the order they came and in batches: what arrives while a batch is synced to disk forms the next, so that many
/// writers share one sync and a lone one waits for nobody.
/// </summary>
internal sealed class WriteQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Action<IReadOnlyList<PendingWrite>> _commit;
    private readonly Thread _thread;
    private List<PendingWrite> _waiting = [];
    private bool _closed;

    /// <param name="commit">Answers every write of a batch; it must not throw.</param>
    public WriteQueue(Action<IReadOnlyList<PendingWrite>> commit)
    {
        _commit = commit;
        _thread = new Thread(Run) { IsBackground = true, Name = "revision log" };
        _thread.Start();
    }

    public void Enqueue(PendingWrite write)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _waiting.Add(write);
            if (_waiting.Count == 1)
            {
                _arrived.Release();
            }
        }
    }

    /// <summary>Takes no more writes, and returns when those that wait are answered.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            _arrived.Release();
        }

        _thread.Join();
        _arrived.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _arrived.Wait();
            List<PendingWrite> batch;
            lock (_lock)
            {
                (batch, _waiting) = (_waiting, []);
                if (batch.Count == 0 && _closed)
                {
                    return;
                }
            }

            if (batch.Count > 0)
            {
                _commit(batch);
            }
        }
    }
}
