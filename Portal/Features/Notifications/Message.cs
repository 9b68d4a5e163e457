namespace Portal.Features.Notifications;

/// <summary>Something to tell.</summary>
/// <param name="Topic">What it is about, such as <c>budget:ID</c>: the history of a topic can be listed.</param>
/// <param name="Subject">One line.</param>
/// <param name="Body">Plain text for people.</param>
/// <param name="Payload">For programs; sent to webhooks.</param>
public sealed record Message(string Topic, string Subject, string Body, JsonObject Payload);

/// <summary>Who is told.</summary>
/// <param name="Emails">Addresses.</param>
/// <param name="Webhook">Encrypted by <see cref="WebhookVault"/>; null for none.</param>
public sealed record Receivers(IReadOnlyList<string> Emails, string? Webhook);

/// <summary>How an attempt to tell ended.</summary>
/// <param name="Problem">Null when it was taken; holds no secret.</param>
/// <param name="IsFinal">Whether trying again makes no sense.</param>
public sealed record DeliveryResult(string? Problem = null, bool IsFinal = false)
{
    public static DeliveryResult Sent { get; } = new();
}
