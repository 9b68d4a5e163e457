using Microsoft.Extensions.DependencyInjection;
using Portal.Kubernetes.Runtime;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Admission;

public static class AdmissionModule
{
    /// <summary>Adds <see cref="AdmissionChain"/>, which looks references up in the process's shared informers. Needs an <c>InformerFactory</c> in the container.</summary>
    public static IServiceCollection AddGenkitAdmission(this IServiceCollection services, AdmissionOptions options) =>
        services.AddSingleton(provider =>
        {
            var informers = new GenkitInformers(provider.GetRequiredService<InformerFactory>());
            return new AdmissionChain(options, () => informers.KnowsReferences ? informers : null, AdmissionRules.All, [.. provider.GetServices<IAdmissionGate>()]);
        });
}
