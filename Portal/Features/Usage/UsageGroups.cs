using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>
/// Writes batches that come while another is written together, in one transaction: the disk is waited for once, and the sums they share are changed once.
/// </summary>
internal sealed class UsageGroups(UsageLog log)
{
    private readonly Lock _lock = new();
    private List<Batch> _waiting = [];
    private bool _isWriting;

    /// <summary>Returns, once they are on disk, how many were new.</summary>
    public Task<int> AddAsync(IReadOnlyList<UsageRecord> records)
    {
        var batch = new Batch(records);
        lock (_lock)
        {
            _waiting.Add(batch);
            if (_isWriting)
            {
                return batch.Written.Task;
            }

            _isWriting = true;
        }

        _ = Task.Run(WriteAsync);
        return batch.Written.Task;
    }

    private async Task WriteAsync()
    {
        while (Next() is { Count: > 0 } group)
        {
            try
            {
                await WriteAsync(group);
            }
            catch (Exception) when (group.Count > 1)
            {
                // One that cannot be written must not keep out the others.
                foreach (var batch in group)
                {
                    await WriteAloneAsync(batch);
                }
            }
            catch (Exception exception)
            {
                group[0].Written.TrySetException(exception);
            }
        }
    }

    private async Task WriteAloneAsync(Batch batch)
    {
        try
        {
            await WriteAsync([batch]);
        }
        catch (Exception exception)
        {
            batch.Written.TrySetException(exception);
        }
    }

    // Not cancelled with a request: a sender that is gone sends its batch again, and then it is known.
    private async Task WriteAsync(List<Batch> group)
    {
        var added = await log.AddBatchesAsync(group.ConvertAll(batch => batch.Records), UsageLog.FromFlow, CancellationToken.None);
        for (var index = 0; index < group.Count; index++)
        {
            group[index].Written.TrySetResult(added[index]);
        }
    }

    private List<Batch> Next()
    {
        lock (_lock)
        {
            var group = _waiting;
            (_waiting, _isWriting) = ([], group.Count > 0);
            return group;
        }
    }

    private sealed record Batch(IReadOnlyList<UsageRecord> Records)
    {
        public TaskCompletionSource<int> Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
