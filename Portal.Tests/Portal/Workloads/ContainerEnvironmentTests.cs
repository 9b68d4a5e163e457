using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;

namespace Portal.Tests.Portal.Workloads;

public class ContainerEnvironmentTests
{
    private static readonly FakeConfigSource s_source = new FakeConfigSource()
        .ConfigMap("settings", ("COLOUR", "blue"), ("SIZE", "1"))
        .Secret("keys", ("API_KEY", "hunter2-hunter2"), ("LD_PRELOAD", "/tmp/x.so"), ("not a name", "x"));

    [Theory]
    [InlineData("""{"env":[{"name":"A","value":"1"},{"name":"A","value":"2"}]}""", "A=2")]
    [InlineData("""{"env":[{"name":"A"}]}""", "A=")]
    [InlineData("""{"envFrom":[{"configMapRef":{"name":"settings"}}],"env":[{"name":"SIZE","value":"2"}]}""", "COLOUR=blue SIZE=2")]
    [InlineData("""{"envFrom":[{"prefix":"X_","configMapRef":{"name":"settings"}}]}""", "X_COLOUR=blue X_SIZE=1")]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"keys"}}]}""", "API_KEY=hunter2-hunter2")]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"none","optional":true}}]}""", "")]
    [InlineData("""{"env":[{"name":"K","valueFrom":{"secretKeyRef":{"name":"keys","key":"API_KEY"}}}]}""", "K=hunter2-hunter2")]
    [InlineData("""{"env":[{"name":"K","valueFrom":{"configMapKeyRef":{"name":"settings","key":"COLOUR"}}}]}""", "K=blue")]
    [InlineData("""{"env":[{"name":"K","valueFrom":{"configMapKeyRef":{"name":"settings","key":"no","optional":true}}}]}""", "")]
    [InlineData("""{"env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}]}""", "N=web-1")]
    [InlineData("""{"env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['app']"}}}]}""", "N=web")]
    [InlineData("""{"env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]}""", "N=127.0.0.1")]
    [InlineData("""{"env":[{"name":"A","value":"1"},{"name":"B","value":"<$(A)|$(C)|$$(A)>"}]}""", "A=1 B=<1|$(C)|$(A)>")]
    public async Task ResolveAsync_Container_GivesItsVariables(string container, string expected)
    {
        var environment = await ResolveAsync(container);

        Assert.Equal(expected, string.Join(' ', environment.Variables.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")));
    }

    [Theory]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"none"}}]}""", "secret \"none\" not found")]
    [InlineData("""{"envFrom":[{"configMapRef":{"name":"none"}}]}""", "configmap \"none\" not found")]
    [InlineData("""{"env":[{"name":"K","valueFrom":{"secretKeyRef":{"name":"keys","key":"OTHER"}}}]}""", "couldn't find key \"OTHER\" in secret \"keys\"")]
    [InlineData("""{"env":[{"name":"N","valueFrom":{"fieldRef":{"fieldPath":"spec.secrets"}}}]}""", "fieldRef: \"spec.secrets\" is not a field of a pod known here")]
    [InlineData("""{"env":[{"name":"N","valueFrom":{"resourceFieldRef":{}}}]}""", "env \"N\": only secretKeyRef, configMapKeyRef and fieldRef are known here")]
    [InlineData("""{"env":[{"name":"A=B","value":"1"}]}""", "env: \"A=B\" is not the name of a variable")]
    [InlineData("""{"env":[{"name":"A","value":"1\u0000"}]}""", "env \"A\": a variable cannot hold a NUL character")]
    public async Task ResolveAsync_SomethingMissing_NamesIt(string container, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<ContainerConfigException>(() => ResolveAsync(container))).Message);

    [Fact]
    public async Task ResolveAsync_Secret_TellsItsValuesAndLeavesOutWhatSteersTheProcess()
    {
        var environment = await ResolveAsync("""{"envFrom":[{"secretRef":{"name":"keys"}}]}""");

        Assert.Equal(["hunter2-hunter2"], environment.Secrets);
        Assert.Equal(["LD_PRELOAD"], environment.Ignored);
    }

    private static Task<ContainerEnvironment> ResolveAsync(string container)
    {
        var pod = new KubeObject(JsonNode.Parse("""{"metadata":{"name":"web-1","namespace":"demo","labels":{"app":"web"}}}""")!.AsObject());
        return ContainerEnvironment.ResolveAsync(
            pod, JsonSerializer.Deserialize<Container>(container, KubernetesJson.Options)!, s_source, CancellationToken.None);
    }
}
