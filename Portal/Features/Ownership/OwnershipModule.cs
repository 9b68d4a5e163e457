using Portal.Data;

namespace Portal.Features.Ownership;

/// <summary>Who objects of the cluster belong to, and what others do to them.</summary>
public static class OwnershipModule
{
    public static IServiceCollection AddOwnership(this IServiceCollection services)
    {
        services.AddSingleton<ClusterJournal>();
        services.AddLeaderService<ClusterWatch>();
        return services;
    }
}
