namespace Portal.Features.Notifications;

/// <summary>Telling people by e-mail and programs by webhook.</summary>
public static class NotificationsModule
{
    public static IServiceCollection AddNotifications(this IServiceCollection services)
    {
        services.AddSingleton<WebhookNetwork>();
        services.AddSingleton<WebhookVault>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<EmailSender>();
        services.AddSingleton<NotificationSender>();
        services.AddSingleton<NotificationOutbox>();
        services.AddHostedService<NotificationWorker>();
        return services;
    }
}
