using Portal.Features.Ownership;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Ownership;

public class OwnerFilesTests
{
    private static readonly KubeObject s_live = new(JsonNode.Parse("""
        {"apiVersion": "genkit.dev/v1alpha1", "kind": "Prompt",
         "metadata": {"name": "greet", "namespace": "team", "uid": "1", "resourceVersion": "7", "generation": 3, "creationTimestamp": "2030-01-01T00:00:00Z", "managedFields": [],
            "labels": {"team": "a", "argocd.argoproj.io/instance": "prompts", "app.kubernetes.io/managed-by": "Helm"},
            "annotations": {"argocd.argoproj.io/tracking-id": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "yes", "genkit.dev/revision": "3"}},
         "spec": {"content": "old", "description": "Greets.", "gone": 1}, "status": {"ready": true}}
        """)!.AsObject());

    [Fact]
    public void Of_LiveObject_IsWhatARepositoryHolds()
    {
        var files = OwnerFiles.Of(s_live, new JsonObject { ["content"] = "---\nmodel: demo/echo\n---\nHello {{name}}\n", ["description"] = "Greets." });

        Assert.Equal("greet.prompt.yaml", files.FileName);
        Assert.Equal("""
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata:
              name: greet
              namespace: team
              labels:
                team: a
              annotations:
                note: "yes"
            spec:
              content: |
                ---
                model: demo/echo
                ---
                Hello {{name}}
              description: Greets.

            """, files.Manifest);
        Assert.Equal("""
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata:
              name: greet
              namespace: team
            spec:
              content: |
                ---
                model: demo/echo
                ---
                Hello {{name}}
              gone:

            """, files.Patch.Replace("gone: null", "gone:", StringComparison.Ordinal).Replace("gone: ", "gone:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("trailing \n spaces \n")]
    [InlineData("tabs\tand\r\nwindows\n")]
    [InlineData("  first line is indented\nsecond\n\n\n")]
    [InlineData("\n\nbegins with empty lines")]
    [InlineData("emoji 🎉\nand \u0001 control")]
    [InlineData("# not a comment\n--- not a document\n")]
    public void Of_AnyText_ReadsBackTheSame(string content)
    {
        var yaml = OwnerFiles.Of(s_live, new JsonObject { ["content"] = content }).Manifest;

        var read = new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(yaml);

        Assert.Equal(content, ((Dictionary<object, object>)read["spec"])["content"]);
    }
}
