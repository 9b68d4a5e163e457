using Portal.Tests.ApiServer;
using Portal.Tests.Helm.Chart;
using Portal.Tests.Shared;

namespace Portal.Tests.Helm;

/// <summary>The overlays, built by the real kubectl, are what a server takes; install.yaml is the default one in one file.</summary>
public sealed class InstallFileTests(KubectlFixture kubectl) : IClassFixture<KubectlFixture>
{
    private const string Banner = "# The whole product for a whole cluster, in one file: kubectl apply --server-side -f install.yaml\n# Generated from helm/kustomize/overlays/default by ./build.sh generate. Do not edit.\n";

    [Fact]
    [Trait("Category", "Generated")]
    public async Task InstallFile_IsTheDefaultOverlay()
    {
        var folder = Directory.CreateTempSubdirectory("install-");
        try
        {
            KustomizeFiles.WriteAll(folder.FullName);

            Snapshot.Matches("helm/install.yaml", Banner + await kubectl.OkAsync($"kustomize {Path.Combine(folder.FullName, "kustomize", "overlays", "default")}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task InstallFile_ServerSideDryRun_IsTakenWhole()
    {
        await kubectl.OkAsync("apply -f -", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"genkit-portal"}}""");

        var said = (await kubectl.OkAsync($"apply --server-side --dry-run=server --validate=strict -f {Repository.Path("helm", "install.yaml")}")).TrimEnd().Split('\n');

        Assert.Equal(Documents(File.ReadAllText(Repository.Path("helm", "install.yaml"))).Count, said.Length);
        Assert.All(said, line => Assert.EndsWith(" serverside-applied (server dry run)", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task NamespacedOverlay_AppliedForReal_GrantsNothingClusterWideAndKnowsItsNamespace()
    {
        var folder = Repository.Path("helm", "kustomize", "overlays", "namespaced");
        await kubectl.OkAsync("apply -f -", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"genkit"}}""");

        await kubectl.OkAsync($"apply --server-side --validate=strict -k {folder}");

        var objects = Documents(await kubectl.OkAsync($"kustomize {folder}"));
        Assert.All(objects, item => Assert.Equal("genkit", (string?)item["metadata"]!["namespace"]));
        Assert.DoesNotContain(objects, item => ((string)item["kind"]!).StartsWith("Cluster", StringComparison.Ordinal));
        Assert.All(objects.Where(item => (string)item["kind"]! == "RoleBinding"), item => Assert.Equal("genkit", (string?)item["subjects"]![0]!["namespace"]));
        Assert.Equal(
            "metadata.namespace",
            await kubectl.OkAsync("get deployment genkit-portal-operator -n genkit -o jsonpath={.spec.template.spec.containers[0].env[?(@.name==\"Portal__Operator__Namespaces\")].valueFrom.fieldRef.fieldPath}"));
        Assert.Contains("yes", await kubectl.OkAsync("auth can-i create deployments.apps -n genkit --as=system:serviceaccount:genkit:genkit-portal"), StringComparison.Ordinal);
        var (exit, _, _) = await kubectl.RunAsync(["auth", "can-i", "list", "secrets", "-n", "default", "--as=system:serviceaccount:genkit:genkit-portal"]);
        Assert.NotEqual(0, exit);
    }

    [Fact]
    public async Task DefaultOverlay_References_AllMeanTheNamespace()
    {
        var objects = Documents(await kubectl.OkAsync($"kustomize {Repository.Path("helm", "kustomize", "overlays", "default")}"));
        var account = objects.Single(item => (string)item["kind"]! == "ServiceAccount");

        foreach (var item in objects.Where(item => ((string)item["kind"]!).EndsWith("Binding", StringComparison.Ordinal)))
        {
            Assert.Equal(("genkit-portal", (string)account["metadata"]!["name"]!), ((string)item["subjects"]![0]!["namespace"]!, (string)item["subjects"]![0]!["name"]!));
            Assert.Contains(objects, other => (string)other["kind"]! == (string)item["roleRef"]!["kind"]! && (string)other["metadata"]!["name"]! == (string)item["roleRef"]!["name"]!);
        }

        Assert.All(
            objects.Where(item => ((string)item["kind"]!).EndsWith("WebhookConfiguration", StringComparison.Ordinal)),
            item => Assert.Contains(objects, other => (string)other["kind"]! == "Service" && (string)other["metadata"]!["name"]! == (string)item["webhooks"]![0]!["clientConfig"]!["service"]!["name"]!));
        Assert.Equal((string)account["metadata"]!["name"]!, (string)objects.Single(item => (string)item["kind"]! == "Deployment")["spec"]!["template"]!["spec"]!["serviceAccountName"]!);
    }

    private static List<JsonObject> Documents(string text) => [.. text.Split("\n---\n").Select(HelmChart.ReadYaml).Where(item => item.Count > 0)];
}
