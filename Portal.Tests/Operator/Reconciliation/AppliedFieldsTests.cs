using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.Reconciliation;

/// <summary>Fingerprints of what was applied, against what a server makes of it.</summary>
public class AppliedFieldsTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>
{
    private const string Manager = "genkit-operator";
    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager(Manager), Force = true };
    private static readonly WriteOptions s_other = new() { Manager = new FieldManager("somebody") };

    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"b":"w","a":"x"},"annotations":{"note":"é \"q\" 😀"}},
         "spec":{"replicas":2,"selector":{"matchLabels":{"a":"x"}},"template":{"metadata":{"labels":{"a":"x"}},"spec":{
           "securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
           "containers":[{"name":"z","image":"i","args":["b","a"],"env":[{"name":"Z","value":"1"},{"name":"A","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
             "ports":[{"containerPort":8080,"protocol":"TCP","name":"http"}],"securityContext":{"capabilities":{"drop":["ALL"]}},
             "volumeMounts":[{"name":"v","mountPath":"/b"},{"name":"v","mountPath":"/a","readOnly":true}]},{"name":"b","image":"j"}],
           "volumes":[{"name":"v","configMap":{"name":"c"}},{"name":"e","emptyDir":{}}]}}}}
        """;

    [Fact]
    public async Task FingerprintOf_LiveAfterApply_IsThatOfTheDesired()
    {
        var (space, applied) = await ApplyAsync(Deployment);

        Assert.Equal(AppliedFields.FingerprintOf(Desired(Deployment, space)), AppliedFields.FingerprintOf(applied, Manager));
        Assert.Null(AppliedFields.FingerprintOf(applied, "somebody"));
    }

    // Patches of somebody else: what is ours, and what is not.
    [Theory]
    [InlineData("""{"spec":{"replicas":5}}""", true)]
    [InlineData("""{"metadata":{"labels":{"a":"y"}}}""", true)]
    [InlineData("""{"metadata":{"labels":{"b":null}}}""", true)]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"z","image":"other"}]}}}}""", true)]
    [InlineData("""{"spec":{"paused":true}}""", false)]
    [InlineData("""{"metadata":{"labels":{"c":"z"},"annotations":{"d":"z"}}}""", false)]
    [InlineData("""{"spec":{"replicas":2}}""", false)]
    public async Task FingerprintOf_LiveAfterAnotherWriter_DiffersOnlyInWhatWasOurs(string patch, bool differs)
    {
        var (space, applied) = await ApplyAsync(Deployment);

        var changed = await fixture.Client.Resource(BuiltIn.Deployment).MergePatchAsync(
            space.Name, "d", JsonNode.Parse(patch)!.AsObject(), null, s_other, CancellationToken.None);

        Assert.NotEqual(applied.ResourceVersion, differs ? changed.ResourceVersion : "");
        Assert.Equal(differs, AppliedFields.FingerprintOf(changed, Manager) != AppliedFields.FingerprintOf(applied, Manager));
    }

    [Fact]
    public void FingerprintOf_OrderOfMembers_DoesNotMatterAndOfItemsDoes()
    {
        static UInt128 Of(string json) => AppliedFields.FingerprintOf(new KubeObject(JsonNode.Parse(json)!.AsObject()));

        Assert.Equal(Of("""{"metadata":{"name":"x"},"data":{"a":"1","b":[1,2]}}"""), Of("""{"data":{"b":[1,2],"a":"1"},"metadata":{"name":"y"}}"""));
        Assert.NotEqual(Of("""{"data":{"b":[1,2]}}"""), Of("""{"data":{"b":[2,1]}}"""));
    }

    private async Task<(TestNamespace Space, KubeObject Applied)> ApplyAsync(string json)
    {
        var space = await fixture.NewNamespaceAsync();
        return (space, await fixture.Client.Resource(BuiltIn.Deployment).ApplyAsync(Desired(json, space), s_apply, CancellationToken.None));
    }

    private static KubeObject Desired(string json, TestNamespace space)
    {
        var desired = JsonNode.Parse(json)!.AsObject();
        desired["metadata"]!["namespace"] = space.Name;
        return new KubeObject(desired);
    }
}
