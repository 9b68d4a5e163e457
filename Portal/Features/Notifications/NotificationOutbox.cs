using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Features.Notifications;

/// <summary>What is to be told: written in the transaction of what happened, and sent afterwards, again and again until it is taken.</summary>
public sealed class NotificationOutbox(PortalDatabase database, WebhookVault vault, TimeProvider clock)
{
    /// <summary>Raised after messages were added or sent, on any thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>Adds one row a receiver within the caller's transaction. Returns how many.</summary>
    public int Add(PortalDbContext context, Message message, Receivers receivers)
    {
        var now = clock.GetUtcNow();
        var rows = receivers.Emails.Select(address => Row(message, NotificationChannel.Email, address, address, now)).ToList();
        if (receivers.Webhook is { } webhook)
        {
            rows.Add(Row(message, NotificationChannel.Webhook, webhook, vault.Describe(webhook)!, now));
        }

        context.Notifications.AddRange(rows);
        context.AfterCommit(Tell);
        return rows.Count;
    }

    /// <summary>What was told about a topic, newest first.</summary>
    public Task<List<NotificationRow>> ListAsync(string topic, int count, CancellationToken cancellationToken) =>
        database.ReadAsync(context => context.Notifications.Where(row => row.Topic == topic).OrderByDescending(row => row.CreatedAt).Take(count).ToListAsync(cancellationToken));

    internal void Tell() => Changed?.Invoke();

    private static NotificationRow Row(Message message, NotificationChannel channel, string target, string receiver, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now).ToString("N"),
        Topic = message.Topic,
        Channel = channel,
        Target = target,
        Receiver = receiver,
        Subject = message.Subject,
        Body = message.Body,
        Payload = message.Payload.ToJsonString(),
        State = NotificationState.Pending,
        Attempts = 0,
        NextAttempt = now.ToUnixTimeSeconds(),
        CreatedAt = now.UtcDateTime,
    };
}
