using Portal.Embedded;

namespace Portal.Features.Audit;

/// <summary>The record of every decision and change.</summary>
public static class AuditModule
{
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.AddSingleton(provider => AuditKey.Open(provider.GetRequiredService<DataDirectory>().Audit));
        services.AddSingleton<AuditLog>();
        return services;
    }
}
