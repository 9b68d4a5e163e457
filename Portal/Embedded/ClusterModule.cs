using Portal.Embedded.Workloads;
using Portal.Endpoints;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Runtime;

namespace Portal.Embedded;

/// <summary>Puts the cluster into the container; for the embedded one also what runs its workloads.</summary>
internal static class ClusterModule
{
    public static IServiceCollection AddCluster(this IServiceCollection services, Cluster cluster, PodLogStore logs, PortalOptions options)
    {
        services.AddSingleton(new ClusterInfo(cluster.Mode, cluster.Connection.Description, cluster.Kubeconfig));
        services.AddSingleton(new KubeClient(cluster.Connection));
        services.AddSingleton(provider => new InformerFactory(
            provider.GetRequiredService<KubeClient>(), null, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>())
        {
            Namespaces = options.Operator.NamespaceList,
            PacksObjects = true,

            // They tell the portal's pages who owns what.
            KeepsManagedFields = options.Role != ProcessRole.Operator,
        });
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubeClient>(), FieldManager.Operator.Name, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IReadinessCheck, ClusterReadiness>();
        if (cluster.Mode == ClusterMode.Embedded)
        {
            services.AddSingleton(RunnerCommand.Find());
            services.AddSingleton(logs);
            services.AddSingleton<LocalUsage>();

            // Before the operator, which starts the informers.
            services.AddHostedService(provider => new LocalWorkloads(
                provider.GetRequiredService<KubeClient>(),
                provider.GetRequiredService<InformerFactory>(),
                provider.GetRequiredService<DataDirectory>(),
                logs,
                provider.GetRequiredService<RunnerCommand>(),
                provider.GetRequiredService<LocalUsage>(),
                cluster.Access,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()));
        }

        return services;
    }
}
