using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Portal.Auth.Options;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Auth.Sessions;

/// <summary>
/// The sign-ins, on the server: a browser holds a random key and nothing else, so ending one here ends it everywhere at once. They survive a restart.
/// Each ends when it was idle too long, when its lifetime is over, or when somebody ends it.
/// </summary>
internal sealed class SessionStore(PortalDatabase database, AuditLog audit, IDataProtectionProvider protection, PortalOptions options, TimeProvider clock) : IDisposable
{
    private const int KeyBytes = 32;
    private static readonly TimeSpan s_longestUnstored = TimeSpan.FromMinutes(1);

    private readonly SessionTicket _tickets = new(protection);
    private readonly ConcurrentDictionary<string, Session> _live = new();
    private readonly SemaphoreSlim _changes = new(1);
    private readonly AuthOptions _auth = options.SignIn;

    /// <summary>Raised with the id of a session that has ended, on any thread.</summary>
    public event Action<string>? Ended;

    /// <summary>Raised with a session of whose person the provider says something else now, on any thread.</summary>
    public event Action<Session>? Renewed;

    /// <summary>Begins a session. Returns the key for the browser's cookie.</summary>
    public async Task<string> StartAsync(ClaimsPrincipal principal, SessionOrigin origin, string? address, CancellationToken cancellationToken)
    {
        var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyBytes));
        var actor = PortalClaims.ActorOf(principal);
        var now = clock.GetUtcNow().UtcDateTime;
        var row = new SessionRow
        {
            Id = IdOf(key),
            ActorId = actor.Id,
            ActorName = actor.Name,
            Provider = origin.Provider,
            Subject = origin.Subject,
            ProviderSession = origin.ProviderSession,
            Address = address,
            CreatedAt = now,
            SeenAt = now,
            Ticket = _tickets.Seal(
                OidcProviderOptions.SchemeOf(origin.Provider), new SessionClaims(principal, origin.IdToken, _auth.ClaimsMaxAge is null ? null : origin.RefreshToken, now)),
        };
        var groups = new JsonArray([.. principal.FindAll(PortalClaims.Group).Select(claim => JsonValue.Create(claim.Value))]);
        var entry = new AuditEntry(actor, "signin.succeeded", "Session", null, origin.Provider, AuditResult.Succeeded,
            After: new JsonObject { ["groups"] = groups }, Address: address);
        await database.WriteAsync(
            async context =>
            {
                await context.Sessions.AddAsync(row, cancellationToken);
                audit.Append(context, entry);
            },
            cancellationToken);
        return key;
    }

    /// <summary>The session of a cookie, marked as used now; null when there is none any more.</summary>
    public async Task<Session?> FindAsync(string key, CancellationToken cancellationToken)
    {
        var id = IdOf(key);
        if ((_live.GetValueOrDefault(id) ?? await LoadAsync(id, cancellationToken)) is not { } session)
        {
            return null;
        }

        if (IsOver(session.CreatedAt, session.SeenAt))
        {
            // It may have been used in another portal since.
            _live.TryRemove(id, out _);
            if (!database.IsShared || await LoadAsync(id, cancellationToken) is not { } stored || IsOver(stored.CreatedAt, stored.SeenAt))
            {
                await EndAsync([id], "expired", cancellationToken);
                return null;
            }

            session = stored;
        }

        await TouchAsync(id, cancellationToken);
        return session;
    }

    /// <summary>Somebody did something, so the session is not idle.</summary>
    public async Task TouchAsync(string id, CancellationToken cancellationToken)
    {
        if (!_live.TryGetValue(id, out var session) || IsOver(session.CreatedAt, session.SeenAt))
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        session.SeenAt = now;
        if (now - session.StoredSeenAt >= s_longestUnstored)
        {
            session.StoredSeenAt = now;
            await database.WriteAsync(
                context => context.Sessions.Where(row => row.Id == id).ExecuteUpdateAsync(set => set.SetProperty(row => row.SeenAt, now), cancellationToken), cancellationToken);
        }
    }

    /// <summary>Another portal ended or renewed a session; null when it may have been any.</summary>
    internal async Task HearAsync(string? id)
    {
        foreach (var (one, before, now) in await ReadAgainAsync(id))
        {
            if (now is null)
            {
                Ended?.Invoke(one);
            }
            else if (before?.Claims.At != now.Claims.At)
            {
                Renewed?.Invoke(now);
            }
        }
    }

    /// <summary>Sessions of whose people the provider said something before <paramref name="time"/> and nothing since.</summary>
    public async Task<IReadOnlyList<Session>> ListOldAsync(DateTime time, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.Sessions.Where(row => row.CreatedAt < time).ToListAsync(cancellationToken));
        return [.. rows.Select(SessionOf).OfType<Session>().Where(session => session.Claims.At < time)];
    }

    /// <summary>Keeps the token to ask the provider with next. Not cancellable: the one before it may be worth nothing any more.</summary>
    public Task KeepAsync(Session session, string refreshToken)
    {
        var ticket = _tickets.Seal(OidcProviderOptions.SchemeOf(session.Provider), session.Claims with { RefreshToken = refreshToken });
        return database.WriteAsync(
            context => context.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Ticket, ticket), CancellationToken.None),
            CancellationToken.None);
    }

    /// <summary>Takes what the provider says of a person now. Nothing when the session has ended meanwhile.</summary>
    public async Task RenewAsync(Session session, ClaimsPrincipal principal, string? idToken, string refreshToken, CancellationToken cancellationToken)
    {
        var claims = new SessionClaims(principal, idToken ?? session.IdToken, refreshToken, clock.GetUtcNow().UtcDateTime);
        var (ticket, name) = (_tickets.Seal(OidcProviderOptions.SchemeOf(session.Provider), claims), PortalClaims.ActorOf(principal).Name);
        await database.WriteAsync(
            async context =>
            {
                await context.Sessions.Where(row => row.Id == session.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(row => row.Ticket, ticket).SetProperty(row => row.ActorName, name), cancellationToken);
                context.Tell(PortalTopics.Sessions, session.Id);
            },
            cancellationToken);
        await HearAsync(session.Id);
    }

    public Session? FindLive(string id) => _live.GetValueOrDefault(id);

    /// <summary>Ends the sessions that came from a session at the provider, or all of a person there when that is null. Returns how many.</summary>
    public async Task<int> EndAsync(string provider, string? subject, string? providerSession, string reason, CancellationToken cancellationToken)
    {
        var ids = await database.ReadAsync(context => context.Sessions
            .Where(row => row.Provider == provider && (subject == null || row.Subject == subject) && (providerSession == null || row.ProviderSession == providerSession))
            .Select(row => row.Id).ToListAsync(cancellationToken));
        await EndAsync(ids, reason, cancellationToken);
        return ids.Count;
    }

    /// <summary>Ends sessions and records it; what has ended already is left out.</summary>
    public async Task EndAsync(IReadOnlyList<string> ids, string reason, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            await database.WriteAsync(context => DeleteAsync(context, ids, reason), cancellationToken);
            foreach (var id in ids)
            {
                _live.TryRemove(id, out _);
            }
        }
        finally
        {
            _changes.Release();
        }

        foreach (var id in ids)
        {
            Ended?.Invoke(id);
        }
    }

    /// <summary>Ends what has been idle or lived too long.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.Sessions.Select(row => new { row.Id, row.CreatedAt, row.SeenAt }).ToListAsync(cancellationToken));
        var over = rows.Where(row => IsOver(row.CreatedAt, _live.GetValueOrDefault(row.Id)?.SeenAt ?? row.SeenAt)).Select(row => row.Id).ToList();
        if (over.Count > 0)
        {
            await EndAsync(over, "expired", cancellationToken);
        }
    }

    public void Dispose() => _changes.Dispose();

    public static string IdOf(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private async Task DeleteAsync(PortalDbContext context, IReadOnlyList<string> ids, string reason)
    {
        var rows = await context.Sessions.Where(row => ids.Contains(row.Id)).ToListAsync();
        context.Sessions.RemoveRange(rows);
        rows.ForEach(row => context.Tell(PortalTopics.Sessions, row.Id));
        foreach (var row in rows)
        {
            var actor = new Actor(row.ActorId, row.ActorName, ActorKind.User);
            audit.Append(context, new AuditEntry(actor, "signin.ended", "Session", null, row.Provider, AuditResult.Succeeded, Reason: reason, Address: row.Address));
        }
    }

    // Not beside an end: what was read before it must not be put back after it.
    private async Task<Session?> LoadAsync(string id, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(id, cancellationToken) is { } session ? _live.GetOrAdd(id, session) : null;
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task<List<(string Id, Session? Before, Session? Now)>> ReadAgainAsync(string? id)
    {
        await _changes.WaitAsync();
        try
        {
            IEnumerable<string> ids = id is null ? _live.Keys : [id];

            // One query, however many there are.
            var stored = (await database.ReadAsync(context => context.Sessions.Where(row => id == null || row.Id == id).ToListAsync())).ToDictionary(row => row.Id);
            return [.. ids.Select(one => (one, _live.GetValueOrDefault(one), Take(one, stored.GetValueOrDefault(one) is { } row ? SessionOf(row) : null)))];
        }
        finally
        {
            _changes.Release();
        }
    }

    private Session? Take(string id, Session? now)
    {
        if (now is null)
        {
            _live.TryRemove(id, out _);
        }
        else if (_live.TryGetValue(id, out var before))
        {
            // What was done here is not in the database at once.
            (now.SeenAt, now.StoredSeenAt) = (before.SeenAt > now.SeenAt ? before.SeenAt : now.SeenAt, now.SeenAt);
            _live[id] = now;
        }

        return now;
    }

    private async Task<Session?> ReadAsync(string id, CancellationToken cancellationToken) =>
        await database.ReadAsync(context => context.Sessions.FirstOrDefaultAsync(row => row.Id == id, cancellationToken)) is { } row ? SessionOf(row) : null;

    private Session? SessionOf(SessionRow row) => _tickets.Open(row.Ticket, row.Id) is not { } claims ? null
        : new Session(row.Id, row.Provider, row.Subject, row.ProviderSession, row.CreatedAt, claims) { SeenAt = row.SeenAt, StoredSeenAt = row.SeenAt };

    private bool IsOver(DateTime createdAt, DateTime seenAt)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return now - createdAt >= _auth.SessionLifetime || now - seenAt >= _auth.SessionIdle;
    }
}

/// <summary>Where a session comes from.</summary>
/// <param name="Provider">Name of the provider.</param>
/// <param name="Subject">Whom it signed in (<c>sub</c>).</param>
/// <param name="ProviderSession">Its own session (<c>sid</c>).</param>
internal sealed record SessionOrigin(string Provider, string Subject, string? ProviderSession, string? IdToken, string? RefreshToken = null);
