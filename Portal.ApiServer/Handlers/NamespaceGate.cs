namespace Portal.ApiServer.Handlers;

/// <summary>
/// Keeps a namespace from going while an object is on its way into it: who creates enters, looks whether the namespace is there, and stores; who removes a
/// terminating namespace waits until nobody is inside. Whoever enters later sees that it terminates.
/// </summary>
internal sealed class NamespaceGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Inside> _inside = new(StringComparer.Ordinal);

    /// <summary>Enters; disposing leaves.</summary>
    public IDisposable Enter(string @namespace)
    {
        lock (_lock)
        {
            if (!_inside.TryGetValue(@namespace, out var inside))
            {
                _inside[@namespace] = inside = new Inside();
            }

            inside.Count++;
        }

        return new Visit(this, @namespace);
    }

    /// <summary>Waits until everybody who is inside now has left.</summary>
    public Task EmptyAsync(string @namespace, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _inside.TryGetValue(@namespace, out var inside) ? inside.Left.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        }
    }

    private void Leave(string @namespace)
    {
        lock (_lock)
        {
            var inside = _inside[@namespace];
            if (--inside.Count == 0)
            {
                _inside.Remove(@namespace);
                inside.Left.SetResult();
            }
        }
    }

    private sealed class Inside
    {
        public int Count { get; set; }

        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Visit(NamespaceGate gate, string @namespace) : IDisposable
    {
        public void Dispose() => gate.Leave(@namespace);
    }
}
