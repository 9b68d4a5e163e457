using System.Net;
using Portal.ApiServer;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Tests.ApiServer;

namespace Portal.Tests.Operator;

/// <summary>The role the operator is shipped with allows nothing beyond its work, so that tests which pass with it prove something.</summary>
public sealed class OperatorIdentityTests
{
    [Fact]
    public async Task Account_BeyondItsWork_IsForbidden()
    {
        await using var api = await TestApi.StartAsync(new ApiServerOptions());
        var operatorClient = new KubeClient(await OperatorIdentity.AssumeAsync(api.Server.Connection, CancellationToken.None));
        var secrets = operatorClient.Resource(BuiltIn.Secret);

        Assert.Empty((await secrets.ListAsync("default", null, CancellationToken.None)).Items);
        await ForbiddenAsync(() => secrets.FindAsync("default", "any", CancellationToken.None));
        await ForbiddenAsync(() => secrets.DeleteAsync("default", "any", null, CancellationToken.None));
        await ForbiddenAsync(() => operatorClient.Resource(BuiltIn.Deployment).DeleteAsync("default", "any", null, CancellationToken.None));
        await ForbiddenAsync(() => operatorClient.Resource(BuiltIn.Pod).DeleteAsync("default", "any", null, CancellationToken.None));
        await ForbiddenAsync(() => operatorClient.Resource(BuiltIn.Namespace).ListAsync(null, null, CancellationToken.None));
        await ForbiddenAsync(() => operatorClient.Resource<Flow>().DeleteAsync("default", "any", null, CancellationToken.None));
    }

    private static async Task ForbiddenAsync(Func<Task> request) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await Assert.ThrowsAsync<KubernetesException>(request)).StatusCode);
}
