using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Portal.Data;
using Portal.Features.Audit;

namespace Portal.Auth.Tokens;

/// <summary>
/// Tokens of automation: a random secret that is shown once and kept as a hash, the permissions and namespaces it was given, an end. One that is revoked
/// or over is refused from the next request on.
/// </summary>
public sealed class ServiceTokens(PortalDatabase database, AuditLog audit, TimeProvider clock)
{
    public const string Prefix = "gp_";
    private const int SecretBytes = 32;
    private const int MostTokens = 1000;
    private static readonly TimeSpan s_useInterval = TimeSpan.FromMinutes(1);

    /// <summary>By hash of the secret; only tokens that are there.</summary>
    private readonly ConcurrentDictionary<string, Known> _known = new();

    /// <exception cref="AccessDeniedException">They may not make tokens there, or give more than they have.</exception>
    /// <exception cref="ArgumentException">The request has a mistake; the message names the field.</exception>
    public async Task<NewServiceToken> CreateAsync(CurrentUser user, TokenRequest request, CancellationToken cancellationToken)
    {
        if (request.FindProblem() is { } problem)
        {
            throw new ArgumentException(problem);
        }

        foreach (var pattern in request.Namespaces)
        {
            foreach (var permission in request.Permissions.Prepend(Permission.ManageTokens))
            {
                user.DemandThroughout(permission, pattern);
            }
        }

        var secret = Prefix + WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(SecretBytes));
        var now = clock.GetUtcNow();
        var row = new ServiceTokenRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Name = request.Name.Trim(),
            Hash = HashOf(secret),
            Permissions = string.Join(',', request.Permissions.Distinct()),
            Namespaces = string.Join(',', request.Namespaces.Distinct()),
            CreatedById = user.ResponsibleId,
            CreatedByName = user.Actor.Name,
            CreatedAt = now.UtcDateTime,
            ExpiresAt = now.UtcDateTime.AddDays(request.Days),
        };
        await database.WriteAsync(
            async context =>
            {
                if (await context.ServiceTokens.CountAsync(cancellationToken) >= MostTokens)
                {
                    throw new ArgumentException($"There are {MostTokens} tokens already; revoke and remove some.");
                }

                await context.ServiceTokens.AddAsync(row, cancellationToken);
                audit.Append(context, EntryOf(user, "token.created", row) with { After = Describe(row) });
            },
            cancellationToken);
        return new NewServiceToken(ServiceToken.Of(row), secret);
    }

    /// <summary>The tokens whose namespaces one manages tokens in, the newest first.</summary>
    public async Task<IReadOnlyList<ServiceToken>> ListAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync(context => context.ServiceTokens.OrderByDescending(row => row.CreatedAt).ToListAsync(cancellationToken));
        return [.. rows.Select(ServiceToken.Of).Where(token => MayManage(user, token.Namespaces))];
    }

    /// <summary>Ends a token now. False when there is none of that id; a second time changes nothing.</summary>
    /// <exception cref="AccessDeniedException">They may not.</exception>
    public async Task<bool> RevokeAsync(CurrentUser user, string id, CancellationToken cancellationToken)
    {
        var hash = await database.WriteAsync(
            async context =>
            {
                if (await context.ServiceTokens.FirstOrDefaultAsync(item => item.Id == id, cancellationToken) is not { } row)
                {
                    return null;
                }

                foreach (var pattern in row.Namespaces.Split(','))
                {
                    user.DemandThroughout(Permission.ManageTokens, pattern);
                }

                if (row.RevokedAt is null)
                {
                    (row.RevokedAt, row.RevokedByName) = (clock.GetUtcNow().UtcDateTime, user.Actor.Name);
                    audit.Append(context, EntryOf(user, "token.revoked", row) with { Before = Describe(row) });
                    context.Tell(PortalTopics.Tokens);
                }

                return row.Hash;
            },
            cancellationToken);
        if (hash is not null)
        {
            _known.TryRemove(hash, out _);
        }

        return hash is not null;
    }

    /// <summary>Another portal revoked tokens.</summary>
    internal void Hear() => _known.Clear();

    /// <summary>Who a secret stands for; null when it is none, is over or was revoked.</summary>
    public async Task<ClaimsPrincipal?> FindAsync(string secret, CancellationToken cancellationToken)
    {
        var hash = HashOf(secret);
        if (!_known.TryGetValue(hash, out var known))
        {
            var row = await database.ReadAsync(context => context.ServiceTokens.FirstOrDefaultAsync(row => row.Hash == hash, cancellationToken));
            if (row is null or { RevokedAt: not null })
            {
                return null;
            }

            known = _known.GetOrAdd(hash, new Known(row.Id, ServiceToken.PrincipalOf(row), row.ExpiresAt));
        }

        var now = clock.GetUtcNow().UtcDateTime;
        if (now >= known.ExpiresAt || !await NoteUseAsync(known, now, cancellationToken))
        {
            _known.TryRemove(hash, out _);
            return null;
        }

        return known.Principal;
    }

    // Also looks whether it was revoked meanwhile: reading it beside a revocation may have put it back among the known ones.
    private async Task<bool> NoteUseAsync(Known known, DateTime now, CancellationToken cancellationToken)
    {
        if (now - known.UsedAt < s_useInterval)
        {
            return true;
        }

        known.UsedAt = now;
        return await database.WriteAsync(
            context => context.ServiceTokens.Where(row => row.Id == known.Id && row.RevokedAt == null)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsedAt, now), cancellationToken),
            cancellationToken) > 0;
    }

    private static bool MayManage(CurrentUser user, IReadOnlyList<string> namespaces) =>
        namespaces.All(pattern => user.MayThroughout(Permission.ManageTokens, pattern));

    private static AuditEntry EntryOf(CurrentUser user, string action, ServiceTokenRow row) =>
        new(user.Actor, action, "Token", null, row.Name, AuditResult.Succeeded, CorrelationId: row.Id, Address: user.Address);

    private static JsonObject Describe(ServiceTokenRow row) => new()
    {
        ["permissions"] = row.Permissions,
        ["namespaces"] = row.Namespaces,
        ["expiresAt"] = row.ExpiresAt,
    };

    private static string HashOf(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private sealed class Known(string id, ClaimsPrincipal principal, DateTime expiresAt)
    {
        public string Id => id;
        public ClaimsPrincipal Principal => principal;
        public DateTime ExpiresAt => expiresAt;
        public DateTime UsedAt { get; set; }
    }
}
