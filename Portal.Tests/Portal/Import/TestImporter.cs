using Portal.Auth;
using Portal.Features.Import;
using Portal.Features.Releases.Policies;
using Portal.Operator.Admission;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Data;

namespace Portal.Tests.Portal.Import;

/// <summary>An importer on the cluster of a fixture, with the rules the portal has.</summary>
internal static class TestImporter
{
    public static Importer On(OperatorFixture fixture, TestDatabase database, ReleasePolicy? policy = null) => new(
        fixture.Client, new PersonalCluster(fixture.Client, new PortalOptions()), new AdmissionChain(new AdmissionOptions(), () => null, AdmissionRules.All), database.Audit,
        new EnvironmentDirectory(fixture.Informers, new ReleaseSettings(policy ?? new ReleasePolicy(), [])), TimeProvider.System);
}
