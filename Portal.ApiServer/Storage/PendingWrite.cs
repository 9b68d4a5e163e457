namespace Portal.ApiServer.Storage;

/// <summary>A write that waits for its place in the history.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Key">The object.</param>
/// <param name="Previous">The state it was made from; null for a creation.</param>
/// <param name="Json">The new state, which belongs to the log until the write is answered: it gets its resourceVersion there.</param>
internal sealed record PendingWrite(RevisionOperation Operation, ObjectKey Key, StoredObject? Previous, JsonObject Json)
{
    // Its continuations are requests: they must not run on the thread that commits.
    private readonly TaskCompletionSource<StoredObject?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The stored state once it is on disk; null when <see cref="Previous"/> was no longer the current one, or the key was taken.</summary>
    public Task<StoredObject?> Answer => _answer.Task;

    public void Complete(StoredObject? stored) => _answer.TrySetResult(stored);

    public void Fail(Exception problem) => _answer.TrySetException(problem);
}
