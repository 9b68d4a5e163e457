using Portal.Auth;
using Portal.Features.Import;
using Portal.Features.Releases.Policies;
using Portal.Kubernetes.Client;
using Portal.Operator.Admission;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Import;

/// <summary>An importer on the cluster of a fixture, with the rules the portal has.</summary>
internal static class TestImporter
{
    public static Importer On(OperatorFixture fixture, TestDatabase database, ReleasePolicy? policy = null) => On(fixture, fixture.Client, database, policy);

    /// <summary>With a client of its own, which may lose the server.</summary>
    public static Importer On(OperatorFixture fixture, KubeClient client, TestDatabase database, ReleasePolicy? policy = null) => new(
        client, new PersonalCluster(client, new PortalOptions()), new AdmissionChain(new AdmissionOptions(), () => null, AdmissionRules.All), database.Audit,
        new EnvironmentDirectory(fixture.Informers, new ReleaseSettings(policy ?? new ReleasePolicy(), [])), TimeProvider.System);
}
