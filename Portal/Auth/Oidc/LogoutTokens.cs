namespace Portal.Auth.Oidc;

/// <summary>Remembers logout tokens until they expire, so that one that is sent again ends no later sign-in. Thread-safe.</summary>
internal sealed class LogoutTokens(TimeProvider clock)
{
    private static readonly TimeSpan s_skew = TimeSpan.FromMinutes(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTime> _used = [];

    /// <summary>False when it was added before.</summary>
    /// <param name="expires">UTC.</param>
    public bool Add(string id, DateTime expires)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        lock (_lock)
        {
            foreach (var old in _used.Where(pair => pair.Value + s_skew < now).Select(pair => pair.Key).ToList())
            {
                _used.Remove(old);
            }

            return _used.TryAdd(id, expires);
        }
    }
}
