using Portal.Components.Layout;
using Portal.Data;
using Portal.Features.Releases.Policies;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Releases.Revisions;
using Portal.Features.Usage;
using Portal.Operator.Admission;

namespace Portal.Features.Releases;

/// <summary>From a draft to the cluster: revisions, requests, approvals, publishing.</summary>
public static class ReleasesModule
{
    public static IServiceCollection AddReleases(this IServiceCollection services, ReleaseOptions options, bool withDemo)
    {
        services.AddSingleton(provider => EnvironmentStore.Open(ReleaseSettings.Of(options, withDemo), provider.GetRequiredService<PortalDatabase>()));
        services.AddSingleton<EnvironmentStore>();
        services.AddSingleton(new TopBarItem(typeof(ApprovalsBell)));
        services.AddSingleton<RevisionStore>();
        services.AddSingleton<EnvironmentDirectory>();
        services.AddSingleton<IEnvironmentNames>(provider => provider.GetRequiredService<EnvironmentDirectory>());
        services.AddSingleton<ReleaseLedger>();
        services.AddSingleton<LostReleases>();
        services.AddSingleton<SubmissionReader>();
        services.AddSingleton<RolloutTracker>();
        services.AddSingleton<ClusterWriter>();
        services.AddSingleton<Publisher>();
        services.AddSingleton<ReleaseDesk>();
        services.AddSingleton<ProtectedChanges>();
        services.AddSingleton<ReleaseList>();
        services.AddSingleton<Drifts>();
        services.AddSingleton<IAdmissionGate, ApprovedOnly>();
        services.AddSingleton<ApprovedOnlyGuard>();
        services.AddSingleton<BlastRadius>();
        services.AddSingleton<ReleaseChecks>();
        services.AddSingleton<SampleRuns>();
        services.AddSingleton<EvalGate>();
        services.AddLeaderService<ReleaseWorker>();
        services.AddLeaderService<RevisionWatcher>();

        // In every process: each gives numbers.
        services.AddHostedService<LostReleasesWatch>();
        return services;
    }

    public static void MapReleasesApi(this IEndpointRouteBuilder app) => ReleasesApi.Map(app);
}
