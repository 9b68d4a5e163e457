namespace Portal.Tests;

public class SmokeTests
{
    [Fact]
    public void Options_Always_KeepUnknownFields() => Assert.True(Kubernetes.Serialization.KubernetesJson.Options.MaxDepth > 64);
}
