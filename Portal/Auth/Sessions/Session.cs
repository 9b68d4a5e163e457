using System.Security.Claims;

namespace Portal.Auth.Sessions;

/// <summary>A sign-in that holds.</summary>
/// <param name="Id">Hash of what the browser's cookie holds.</param>
internal sealed record Session(string Id, string Provider, string Subject, string? ProviderSession, DateTime CreatedAt, SessionClaims Claims)
{
    public ClaimsPrincipal Principal => Claims.Principal;

    public string? IdToken => Claims.IdToken;

    private long _seen;

    /// <summary>UTC.</summary>
    public DateTime SeenAt
    {
        get => new(Interlocked.Read(ref _seen), DateTimeKind.Utc);
        set => Interlocked.Exchange(ref _seen, value.Ticks);
    }

    /// <summary>What of <see cref="SeenAt"/> is on disk.</summary>
    public DateTime StoredSeenAt { get; set; }
}
