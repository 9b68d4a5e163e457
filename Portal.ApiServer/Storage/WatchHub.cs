using System.Threading.Channels;

namespace Portal.ApiServer.Storage;

/// <summary>
/// Fans revisions out to watches in commit order. A watch that falls too far behind is ended, never waited for:
/// its client starts again from the last resourceVersion it saw.
/// </summary>
internal sealed class WatchHub
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<Subscription>> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>How many subscriptions there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _subscriptions.Values.Sum(set => set.Count);
            }
        }
    }

    /// <summary>Subscribes to one resource, or to all when <paramref name="resource"/> is null.</summary>
    public Subscription Subscribe(string? resource, int capacity)
    {
        var subscription = new Subscription(this, resource ?? "", capacity);
        lock (_lock)
        {
            if (!_subscriptions.TryGetValue(subscription.Resource, out var set))
            {
                _subscriptions[subscription.Resource] = set = [];
            }

            set.Add(subscription);
        }

        return subscription;
    }

    public void Publish(Revision revision)
    {
        lock (_lock)
        {
            Deliver(revision, revision.Object.Key.Resource);
            Deliver(revision, "");
        }
    }

    /// <summary>Ends all watches of a resource that is no longer served.</summary>
    public void Close(string resource)
    {
        lock (_lock)
        {
            if (_subscriptions.Remove(resource, out var set))
            {
                foreach (var subscription in set)
                {
                    subscription.Complete();
                }
            }
        }
    }

    private void Deliver(Revision revision, string resource)
    {
        if (!_subscriptions.TryGetValue(resource, out var set))
        {
            return;
        }

        set.RemoveWhere(subscription => !subscription.TryDeliver(revision));
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_subscriptions.TryGetValue(subscription.Resource, out var set) && set.Remove(subscription) && set.Count == 0)
            {
                _subscriptions.Remove(subscription.Resource);
            }
        }
    }

    /// <summary>A bounded queue of revisions. The reader completes when the watch fell behind or its resource went away.</summary>
    internal sealed class Subscription(WatchHub hub, string resource, int capacity) : IDisposable
    {
        private readonly Channel<Revision> _channel = Channel.CreateBounded<Revision>(
            new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

        public string Resource { get; } = resource;
        public ChannelReader<Revision> Reader => _channel.Reader;

        internal bool TryDeliver(Revision revision)
        {
            if (_channel.Writer.TryWrite(revision))
            {
                return true;
            }

            Complete();
            return false;
        }

        internal void Complete() => _channel.Writer.TryComplete();

        public void Dispose()
        {
            hub.Remove(this);
            Complete();
        }
    }
}
