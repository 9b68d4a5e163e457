namespace Portal.Tests.ApiServer;

/// <summary>What people do with kubectl, done with the real one.</summary>
public sealed class KubectlTests(KubectlFixture kubectl) : IClassFixture<KubectlFixture>
{
    private static string Thing(string name, int size) => $$"""
        apiVersion: test.example.org/v1
        kind: Thing
        metadata: {name: {{name}}}
        spec: {size: {{size}}}
        """;

    [Fact]
    public async Task Apply_OfACustomResource_CreatesConfiguresAndLeavesAlone()
    {
        Assert.Contains("thing.test.example.org/apply created", await kubectl.OkAsync("apply -f -", Thing("apply", 1)), StringComparison.Ordinal);
        Assert.Contains("configured", await kubectl.OkAsync("apply -f -", Thing("apply", 2)), StringComparison.Ordinal);
        Assert.Contains("unchanged", await kubectl.OkAsync("apply -f -", Thing("apply", 2)), StringComparison.Ordinal);
        Assert.Equal("2", await kubectl.OkAsync("get thing apply -o jsonpath={.spec.size}"));
    }

    [Fact]
    public async Task Apply_OfAnUnknownField_IsRefusedByName()
    {
        var (exit, _, error) = await kubectl.RunAsync(["apply", "-f", "-"], Thing("strict", 1).Replace("size: 1", "nosuch: 1", StringComparison.Ordinal));

        Assert.Equal(1, exit);
        Assert.Contains("unknown field \"spec.nosuch\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyServerSide_ByAnotherManager_ConflictsUntilForced()
    {
        await kubectl.OkAsync("apply --server-side -f -", Thing("ssa", 1));
        var (exit, _, error) = await kubectl.RunAsync(["apply", "--server-side", "--field-manager=other", "-f", "-"], Thing("ssa", 2));
        await kubectl.OkAsync("apply --server-side --field-manager=other --force-conflicts -f -", Thing("ssa", 2));

        Assert.Equal(1, exit);
        Assert.Contains(".spec.size", error, StringComparison.Ordinal);
        Assert.Equal("2", await kubectl.OkAsync("get thing ssa -o jsonpath={.spec.size}"));
    }

    [Fact]
    public async Task Edit_WithAnEditor_ChangesTheObject()
    {
        await kubectl.OkAsync("create -f -", Thing("edit", 1));
        var (exit, output, error) = await kubectl.RunAsync(["edit", "thing", "edit"], editor: "sed -i s/size:.1/size:\\ 7/");

        Assert.True(exit == 0, error + output);
        Assert.Equal("7", await kubectl.OkAsync("get thing edit -o jsonpath={.spec.size}"));
    }

    [Theory]
    [InlineData("merge", """{"data":{"k":"merge"}}""", "merge")]
    [InlineData("json", """[{"op":"replace","path":"/data/k","value":"json"}]""", "json")]
    [InlineData("strategic", """{"data":{"k":"strategic"}}""", "strategic")]
    public async Task Patch_OfEachType_ChangesTheObject(string type, string patch, string expected)
    {
        await kubectl.OkAsync("create -f -", TestApi.ConfigMap($"patch-{type}").ToJsonString());
        var (exit, _, error) = await kubectl.RunAsync(["patch", "cm", $"patch-{type}", "--type", type, "-p", patch]);

        Assert.True(exit == 0, error);
        Assert.Equal(expected, await kubectl.OkAsync($"get cm patch-{type} -o jsonpath={{.data.k}}"));
    }

    [Fact]
    public async Task Deployment_IsCreatedScaledAndImageSet()
    {
        const string Manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: main, image: "example.org/web:1"}]}
            """;
        await kubectl.OkAsync("apply -f -", Manifest);
        await kubectl.OkAsync("scale deployment web --replicas=3");
        await kubectl.OkAsync("set image deployment/web main=example.org/web:2");
        await kubectl.OkAsync("rollout restart deployment/web");

        Assert.Equal("3,example.org/web:2", await kubectl.OkAsync("get deploy web -o jsonpath={.spec.replicas},{.spec.template.spec.containers[0].image}"));
        Assert.Contains("example.org/web:2", await kubectl.OkAsync("describe deployment web"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RolloutStatus_FollowsTheStatus()
    {
        const string Manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: rolled}
            spec:
              replicas: 1
              selector: {matchLabels: {app: rolled}}
              template:
                metadata: {labels: {app: rolled}}
                spec: {containers: [{name: main, image: "example.org/web:1"}]}
            """;
        await kubectl.OkAsync("apply -f -", Manifest);
        var waiting = kubectl.RunAsync(["rollout", "status", "deployment/rolled", "--timeout=40s"]);
        await kubectl.Api.MergeAsync("/apis/apps/v1/namespaces/default/deployments/rolled/status", JsonNode.Parse(
            """{"status":{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"readyReplicas":1,"availableReplicas":1}}""")!);

        var (exit, output, error) = await waiting;

        Assert.True(exit == 0, error);
        Assert.Contains("successfully rolled out", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LabelAndAnnotate_ChangeMetadata()
    {
        await kubectl.OkAsync("create -f -", Thing("marked", 1));
        await kubectl.OkAsync("label thing marked team=a");
        await kubectl.OkAsync("annotate thing marked note=b");

        Assert.Equal("a,b", await kubectl.OkAsync("get thing -l team=a -o jsonpath={.items[0].metadata.labels.team},{.items[0].metadata.annotations.note}"));
    }

    [Fact]
    public async Task GetWatch_ShowsChanges()
    {
        await kubectl.OkAsync("create -f -", Thing("watched", 1));
        using var watch = kubectl.Start(["get", "thing", "watched", "-w", "-o", "jsonpath={.spec.size}{'\\n'}"]);
        var first = await watch.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        await kubectl.OkAsync("apply --server-side --force-conflicts -f -", Thing("watched", 8));
        var second = await watch.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
        watch.Kill();

        Assert.Equal("1", first);
        Assert.Equal("8", second);
    }

    [Fact]
    public async Task Wait_ForAConditionAndForDeletion_Returns()
    {
        await kubectl.OkAsync("create -f -", Thing("awaited", 1));
        var phase = kubectl.RunAsync(["wait", "thing/awaited", "--for=jsonpath={.status.phase}=Up", "--timeout=40s"]);
        await kubectl.Api.MergeAsync($"{TestApi.Things}/awaited/status", JsonNode.Parse("""{"status":{"phase":"Up"}}""")!);
        Assert.Equal(0, (await phase).Exit);

        var gone = kubectl.RunAsync(["wait", "thing/awaited", "--for=delete", "--timeout=40s"]);
        await kubectl.OkAsync("delete thing awaited");
        Assert.Equal(0, (await gone).Exit);
    }

    [Fact]
    public async Task Explain_ShowsTheSchema()
    {
        var text = await kubectl.OkAsync("explain thing.spec.size");

        Assert.Contains("How big.", text, StringComparison.Ordinal);
        Assert.Contains("<integer>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deployment.spec", "<PodTemplateSpec>")]
    [InlineData("deployment.spec.template.spec.containers", "<[]VolumeMount>")]
    [InlineData("deployment.spec.template.spec.containers.livenessProbe", "<HTTPGetAction>")]
    [InlineData("configmap.metadata", "<[]OwnerReference>")]
    [InlineData("crd.metadata.ownerReferences", "controller")]
    [InlineData("event.regarding --api-version=events.k8s.io/v1", "fieldPath")]
    public async Task Explain_OfNestedFieldsOfABuiltInKind_NamesTheirTypes(string path, string shown) =>
        Assert.Contains(shown, await kubectl.OkAsync($"explain {path}"), StringComparison.Ordinal);

    [Fact]
    public async Task Diff_TellsWhatWouldChange()
    {
        await kubectl.OkAsync("apply -f -", Thing("diffed", 1));
        var (same, _, _) = await kubectl.RunAsync(["diff", "-f", "-"], Thing("diffed", 1));
        var (changed, output, _) = await kubectl.RunAsync(["diff", "-f", "-"], Thing("diffed", 2));

        Assert.Equal(0, same);
        Assert.Equal(1, changed);
        Assert.Contains("+  size: 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_ShowsEventsOfTheObject()
    {
        await kubectl.OkAsync("create -f -", Thing("eventful", 1));
        var uid = await kubectl.OkAsync("get thing eventful -o jsonpath={.metadata.uid}");
        await kubectl.OkAsync("create -f -", $$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"e1","namespace":"default"},"type":"Normal","reason":"Tested","message":"it happened",
             "involvedObject":{"apiVersion":"test.example.org/v1","kind":"Thing","name":"eventful","namespace":"default","uid":"{{uid}}"},
             "firstTimestamp":"2024-05-01T10:00:00Z","lastTimestamp":"2024-05-01T10:00:00Z","count":1}
            """);

        Assert.Contains("it happened", await kubectl.OkAsync("describe thing eventful"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApiResources_ListsBuiltInsAndCrds()
    {
        var text = await kubectl.OkAsync("api-resources");

        Assert.Contains("test.example.org/v1", text, StringComparison.Ordinal);
        Assert.Contains("configmaps", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_AppliedAsAFile_CreatesEveryItem()
    {
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray(TestApi.ConfigMap("l1"), TestApi.ConfigMap("l2")) };

        var text = await kubectl.OkAsync("apply -f -", list.ToJsonString());

        Assert.Contains("configmap/l1 created", text, StringComparison.Ordinal);
        Assert.Contains("configmap/l2 created", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUnknownKind_IsToldClearly()
    {
        var (exit, _, error) = await kubectl.RunAsync(["apply", "-f", "-"], "apiVersion: none.example.org/v1\nkind: None\nmetadata: {name: a}\n");

        Assert.Equal(1, exit);
        Assert.Contains("no matches for kind \"None\"", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("create configmap imp --from-literal=a=1", "configmap/imp created")]
    [InlineData("create secret generic imp --from-literal=p=w", "secret/imp created")]
    [InlineData("create namespace imp", "namespace/imp created")]
    [InlineData("create deployment imp --image=example.org/i:1 --replicas=0 --port=80", "deployment.apps/imp created")]
    [InlineData("create service clusterip imp --tcp=80:8080", "service/imp created")]
    [InlineData("create serviceaccount imp", "serviceaccount/imp created")]
    [InlineData("create role imp --verb=get --resource=pods", "role.rbac.authorization.k8s.io/imp created")]
    [InlineData("create job imp --image=example.org/i:1 -- run", "job.batch/imp created")]
    [InlineData("create cronjob imp --image=example.org/i:1 --schedule=@hourly", "cronjob.batch/imp created")]
    [InlineData("auth can-i create configmaps", "yes")]
    [InlineData("auth whoami", "kubernetes-admin")]
    public async Task ImperativeCommand_Always_Works(string arguments, string expected)
    {
        Assert.Contains(expected, await kubectl.OkAsync(arguments), StringComparison.Ordinal);
    }
}
