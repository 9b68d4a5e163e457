using Portal.Embedded;
using Portal.Features.Releases;
using Portal.Kubernetes.Client;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Prompts;

namespace Portal.Tests.Portal.Releases;

public sealed class ApprovedOnlyGuardTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string Fail = """{"kind":"ValidatingWebhookConfiguration","metadata":{"name":"w"},"webhooks":[{"failurePolicy":"Fail"}]}""";

    [Theory]
    [InlineData(ClusterMode.Embedded, null, null, null)]
    [InlineData(ClusterMode.InCluster, null, Fail, "not the admission webhook")]
    [InlineData(ClusterMode.InCluster, 9443, Fail, null)]
    [InlineData(ClusterMode.InCluster, 9443, """{"kind":"ValidatingWebhookConfiguration","metadata":{"name":"w"},"webhooks":[{}]}""", null)]
    [InlineData(ClusterMode.InCluster, 9443, """{"kind":"ValidatingWebhookConfiguration","metadata":{"name":"w"},"webhooks":[{},{"failurePolicy":"Ignore"}]}""", "failurePolicy Ignore")]
    [InlineData(ClusterMode.InCluster, 9443, """{"kind":"ValidatingWebhookConfiguration","metadata":{"name":"w"}}""", "failurePolicy Ignore")]
    [InlineData(ClusterMode.InCluster, 9443, null, "There is no ValidatingWebhookConfiguration \"genkit-portal-webhook\"")]
    public async Task FindGapAsync_HowTheClusterAsks_SaysHowATextComesIn(ClusterMode mode, int? port, string? configuration, string? expected)
    {
        using var handler = new SwitchedHandler(fixture.Client.Connection.Handler) { Answer = _ => configuration };

        var gap = await Guard(handler, mode, port).FindGapAsync(default);

        Assert.Equal(expected is null, gap is null);
        Assert.Contains(expected ?? "", gap ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindGapAsync_ClusterAway_SaysThatItIsNotKnown()
    {
        using var handler = new SwitchedHandler(fixture.Client.Connection.Handler) { IsAway = true };

        Assert.Contains("could not be found out", await Guard(handler, ClusterMode.InCluster, 9443).FindGapAsync(default), StringComparison.Ordinal);
    }

    private ApprovedOnlyGuard Guard(SwitchedHandler handler, ClusterMode mode, int? port) => new(
        new KubeClient(fixture.Client.Connection with { Handler = handler }), new PortalOptions { Admission = new AdmissionSettings { Port = port } }, new ClusterInfo(mode, "", null));
}
