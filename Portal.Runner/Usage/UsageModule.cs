using Portal.Runner.Content;

namespace Portal.Runner.Usage;

internal static class UsageModule
{
    /// <summary>Registers <see cref="CallReports"/>, and where a portal is told of calls, what tells it.</summary>
    public static IServiceCollection AddUsage(this IServiceCollection services, UsageOptions? options)
    {
        services.AddSingleton<ContentKeeper>();
        services.AddSingleton<CallReports>();
        if (options is not null)
        {
            services.AddSingleton(_ => UsageDelivery.CreateClient());
            services.AddSingleton(provider => ActivatorUtilities.CreateInstance<UsageReporter>(provider, options));
        }

        return services;
    }
}
