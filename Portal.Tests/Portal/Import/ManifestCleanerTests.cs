using Portal.Features.Import;
using Portal.Tests.Operator;

namespace Portal.Tests.Portal.Import;

public class ManifestCleanerTests
{
    [Fact]
    public void Clean_ExportedObject_LosesWhatItsClusterSaid()
    {
        var manifest = TestManifests.Read("""
            kind: Model
            metadata:
              name: m
              namespace: there
              labels: {team: a}
              annotations: {note: kept, kubectl.kubernetes.io/last-applied-configuration: "{}"}
              uid: u
              resourceVersion: "7"
              ownerReferences: [{kind: X}]
            spec: {provider: demo, model: echo, pluginConfigRef: {name: p}}
            status: {conditions: []}
            """)[0];

        var changes = ManifestCleaner.Clean(manifest, "here");

        Assert.Equal("""{"name":"m","namespace":"here","labels":{"team":"a"},"annotations":{"note":"kept"}}""", manifest["metadata"]!.ToJsonString());
        Assert.Null(manifest["status"]);
        Assert.Equal(
            ["status", "metadata.uid", "metadata.resourceVersion", "metadata.ownerReferences", "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]", "metadata.namespace"],
            changes.Select(change => change.Field));
    }

    [Fact]
    public void Clean_MarksOfToolsThatKeepObjects_AreLeftOut()
    {
        var manifest = TestManifests.Read("""
            kind: Prompt
            metadata:
              name: p
              labels: {argocd.argoproj.io/instance: shop, kustomize.toolkit.fluxcd.io/name: shop, app.kubernetes.io/managed-by: Helm}
              annotations: {meta.helm.sh/release-name: shop, argocd.argoproj.io/tracking-id: x}
            spec: {content: Hi.}
            """)[0];

        var changes = ManifestCleaner.Clean(manifest, "here");

        Assert.Equal(4, changes.Count);
        Assert.Equal("""{"name":"p","labels":{"app.kubernetes.io/managed-by":"Helm"},"annotations":{},"namespace":"here"}""", manifest["metadata"]!.ToJsonString());
    }

    [Fact]
    public void Clean_WordsOfARelease_AreLeftOut()
    {
        var manifest = TestManifests.Read("""
            kind: Prompt
            metadata: {name: p, annotations: {genkit.dev/approved-by: "Ben <local:ben>", genkit.dev/release: "7", team: a}}
            spec: {content: Hi.}
            """)[0];

        var changes = ManifestCleaner.Clean(manifest, "here");

        Assert.Equal(["metadata.annotations[genkit.dev/release]", "metadata.annotations[genkit.dev/approved-by]"], changes.Select(change => change.Field));
        Assert.Equal("""{"team":"a"}""", manifest["metadata"]!["annotations"]!.ToJsonString());
    }

    [Theory]
    [InlineData("{prompts: [{name: a}, {promptRef: {name: b}}]}", """{"prompts":[{"promptRef":{"name":"a"}},{"promptRef":{"name":"b"}}]}""", "spec.prompts[0].name")]
    [InlineData("{promptRefs: [{name: a}]}", """{"prompts":[{"promptRef":{"name":"a"}}]}""", "spec.promptRefs")]
    [InlineData("{prompts: [{promptRef: {name: a}}], promptRefs: [{name: b}, {name: a}]}", """{"prompts":[{"promptRef":{"name":"a"}},{"promptRef":{"name":"b"}}]}""", "spec.promptRefs")]
    [InlineData("{tools: [{name: t}], toolRefs: [{name: u}]}", """{"tools":[{"name":"t"},{"name":"u"}]}""", "spec.toolRefs")]
    public void Clean_OlderSpelling_IsWrittenAsWhatItMeans(string spec, string expected, string field)
    {
        var manifest = TestManifests.Read($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}")[0];

        var change = Assert.Single(ManifestCleaner.Clean(manifest, "here"));

        Assert.Equal(field, change.Field);
        Assert.Equal(expected, manifest["spec"]!.ToJsonString());
    }

    [Fact]
    public void Clean_FlowOfAFlowSet_IsWrittenAnewToo()
    {
        var manifest = TestManifests.Read("kind: FlowSet\nmetadata: {name: s}\nspec: {flows: [{name: a, prompts: [{name: p}]}]}")[0];

        Assert.Equal("spec.flows[0].prompts[0].name", Assert.Single(ManifestCleaner.Clean(manifest, "here")).Field);
    }

    [Theory]
    [InlineData("{prompts: text, promptRefs: [{name: a}]}")]
    [InlineData("{promptRefs: [a]}")]
    [InlineData("{prompts: [text, {name: {a: 1}}]}")]
    public void Clean_WrongTypes_AreLeftToTheServer(string spec)
    {
        var manifest = TestManifests.Read($"kind: Flow\nmetadata: {{name: f}}\nspec: {spec}")[0];
        var before = manifest["spec"]!.ToJsonString();

        Assert.Empty(ManifestCleaner.Clean(manifest, "here"));
        Assert.Equal(before, manifest["spec"]!.ToJsonString());
    }
}
