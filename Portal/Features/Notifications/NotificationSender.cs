using Portal.Data;

namespace Portal.Features.Notifications;

/// <summary>Sends one message to one receiver, now.</summary>
internal sealed class NotificationSender(EmailSender emails, WebhookSender webhooks, WebhookVault vault, TimeProvider clock)
{
    public Task<DeliveryResult> SendAsync(NotificationRow row, CancellationToken cancellationToken) => row.Channel == NotificationChannel.Email
        ? emails.SendAsync(row.Id, row.Target, row.Subject, row.Body, cancellationToken)
        : webhooks.SendAsync(row.Id, row.Target, row.Payload, cancellationToken);

    /// <summary>Tries every receiver once, past the outbox: what a test shows is what happened.</summary>
    public async Task<IReadOnlyList<TestDelivery>> TestAsync(Message message, Receivers receivers, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
        var tries = receivers.Emails.Select(async address =>
            new TestDelivery(address, (await emails.SendAsync(id, address, message.Subject, message.Body, cancellationToken)).Problem)).ToList();
        if (receivers.Webhook is { } webhook)
        {
            tries.Add(Task.Run(async () => new TestDelivery(
                vault.Describe(webhook)!, (await webhooks.SendAsync(id, webhook, message.Payload.ToJsonString(), cancellationToken)).Problem), cancellationToken));
        }

        return await Task.WhenAll(tries);
    }
}

/// <param name="Receiver">As it may be shown.</param>
/// <param name="Problem">Null when it was taken.</param>
public sealed record TestDelivery(string Receiver, string? Problem);
