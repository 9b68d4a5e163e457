using Microsoft.EntityFrameworkCore;
using Portal.Auth;
using Portal.Features.Import;
using Portal.Features.Releases.Policies;
using Portal.Kubernetes.Client;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Auth;
using Portal.Tests.Portal.Data;
using Portal.Tests.Portal.Prompts;

namespace Portal.Tests.Portal.Import;

public sealed class ImporterTests(IdleOperatorFixture fixture) : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string File = """
        apiVersion: v1
        kind: Secret
        metadata: {name: keys}
        stringData: {KEY: value-that-must-not-show}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: PluginConfig
        metadata: {name: pc}
        spec: {type: demo, credentialsRef: {name: keys}}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: f, namespace: elsewhere, resourceVersion: "9"}
        spec: {image: x, promptRefs: [{name: p}]}
        status: {phase: Running}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: bad}
        spec: {image: x, port: 70000}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: typo}
        spec: {image: x, replica: 2}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: healthz}
        spec: {image: x}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: f-prompts, labels: {app.kubernetes.io/managed-by: genkit-operator}}
        ---
        apiVersion: genkit.dev/v1
        kind: Flow
        metadata: {name: newer}
        ---
        kind: Prompt
        metadata: {name: p}
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: PluginConfig
        metadata: {name: pc}
        spec: {type: demo, credentialsRef: {name: keys}}
        """;

    private readonly TestDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task ImportAsync_DryRun_SaysWhatBecomesOfEachAndChangesNothing()
    {
        var space = await fixture.NewNamespaceAsync();

        var report = await ImportAsync(File, space, dryRun: true);

        Assert.Equal(
            [
                "1 Secret keys LeftOut ", "6 PluginConfig pc AsIs ", "11 Flow f Changed status,metadata.resourceVersion,metadata.namespace,spec.promptRefs",
                "17 Flow bad Refused spec.port", "22 Flow typo Refused spec.replica", "27 Flow healthz Refused metadata.name", "32 ConfigMap f-prompts LeftOut ",
                "36 Flow newer Refused apiVersion", "40 Prompt p Refused apiVersion", "43 PluginConfig pc Refused metadata.name",
            ],
            report.Objects.Select(item => $"{item.Line} {item.Kind} {item.Name} {item.Result} {string.Join(',', item.Changes.Select(change => change.Field).Concat(item.Problems.Select(problem => problem.Field)))}"));
        Assert.Equal(2, report.Applicable);
        Assert.Null(await space.FindAsync("PluginConfig", "pc"));
        Assert.Empty(await AuditedAsync());
        Assert.DoesNotContain("value-that-must-not-show", System.Text.Json.JsonSerializer.Serialize(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAsync_Applied_IsInTheClusterAndInTheAudit()
    {
        var space = await fixture.NewNamespaceAsync();

        var report = await ImportAsync(File, space, dryRun: false);

        Assert.Equal(2, report.Applicable);
        var flow = await space.GetAsync("Flow", "f");
        Assert.Equal("""[{"promptRef":{"name":"p"}}]""", flow.Json["spec"]!["prompts"]!.ToJsonString());
        Assert.Equal("genkit-portal", (string?)flow.Metadata["managedFields"]![0]!["manager"]);
        Assert.Null(await space.FindAsync("Secret", "keys"));
        Assert.Equal(["object.imported PluginConfig pc", "object.imported Flow f"], await AuditedAsync());
    }

    [Fact]
    public async Task ImportAsync_FieldsOfAnotherManager_AreTakenOverOnlyWhenAskedTo()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: PluginConfig\nmetadata: {name: pc}\nspec: {type: openai, credentialsRef: {name: mine}}");
        const string Manifest = "apiVersion: genkit.dev/v1alpha1\nkind: PluginConfig\nmetadata: {name: pc}\nspec: {type: demo, credentialsRef: {name: keys}}";

        var refused = Assert.Single((await ImportAsync(Manifest, space, dryRun: true)).Objects);
        var forced = Assert.Single((await ImportAsync(Manifest, space, dryRun: false, force: true)).Objects);

        Assert.Equal(ImportResult.Refused, refused.Result);
        Assert.Contains(refused.Problems, problem => problem.Field == "spec.type" && problem.Message.Contains("kubectl", StringComparison.Ordinal));
        Assert.Equal(ImportResult.AsIs, forced.Result);
        Assert.Equal("demo", (string?)(await space.GetAsync("PluginConfig", "pc")).Json["spec"]!["type"]);
    }

    [Fact]
    public async Task ImportAsync_ServerGoesAwayMidway_TellsWhatWasDoneAndWhatWasNot()
    {
        var space = await fixture.NewNamespaceAsync();
        using var handler = new SwitchedHandler(fixture.Client.Connection.Handler);
        var client = new KubeClient(fixture.Client.Connection with { Handler = handler });
        handler.Waits = request =>
        {
            handler.IsAway |= request.RequestUri!.AbsolutePath.EndsWith("/second", StringComparison.Ordinal);
            return Task.CompletedTask;
        };
        const string Three = """
            {apiVersion: genkit.dev/v1alpha1, kind: PluginConfig, metadata: {name: first}, spec: {type: demo, credentialsRef: {name: keys}}}
            ---
            {apiVersion: genkit.dev/v1alpha1, kind: PluginConfig, metadata: {name: second}, spec: {type: demo, credentialsRef: {name: keys}}}
            ---
            {apiVersion: genkit.dev/v1alpha1, kind: PluginConfig, metadata: {name: third}, spec: {type: demo, credentialsRef: {name: keys}}}
            """;

        var report = await TestImporter.On(fixture, client, _database).ImportAsync(Three, new ImportOptions(space.Name, false, false), TestUsers.Administrator(), default);

        Assert.Equal([("first", ImportResult.AsIs), ("second", ImportResult.Refused), ("third", ImportResult.Refused)], report.Objects.Select(item => (item.Name, item.Result)));
        Assert.Contains("is not known", report.Objects[1].Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("stopped answering", report.Objects[2].Problems[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImportAsync_WhoMayNot_IsRefusedObjectByObject()
    {
        var space = await fixture.NewNamespaceAsync();
        var author = TestUsers.Of(LocalPersona.Author);

        var report = await ImportAsync("apiVersion: genkit.dev/v1alpha1\nkind: Flow\nmetadata: {name: f}\nspec: {image: x}", space, dryRun: false, user: author);

        Assert.Contains("ManageFlows", Assert.Single(Assert.Single(report.Objects).Problems).Message, StringComparison.Ordinal);
        Assert.Null(await space.FindAsync("Flow", "f"));
    }

    [Fact]
    public async Task ImportAsync_ObjectThatAToolKeeps_IsRefusedEvenWithForce()
    {
        var space = await fixture.NewNamespaceAsync();
        await space.ApplyAsync("kind: Flow\nmetadata: {name: f, labels: {argocd.argoproj.io/instance: shop}}\nspec: {image: x}");

        var report = await ImportAsync("apiVersion: genkit.dev/v1alpha1\nkind: Flow\nmetadata: {name: f}\nspec: {image: other}", space, dryRun: false, force: true);

        Assert.Contains("Argo CD: shop keeps this object", Assert.Single(Assert.Single(report.Objects).Problems).Message, StringComparison.Ordinal);
        Assert.Equal("x", (string?)(await space.GetAsync("Flow", "f")).Json["spec"]!["image"]);
    }

    [Fact]
    public async Task ImportAsync_WhereChangesNeedApproval_IsRefused()
    {
        var space = await fixture.NewNamespaceAsync();

        var report = await ImportAsync(
            "apiVersion: genkit.dev/v1alpha1\nkind: Flow\nmetadata: {name: f}\nspec: {image: x}", space, dryRun: false, policy: new ReleasePolicy { Approvals = 2 });

        Assert.Contains("need 2 approvals", Assert.Single(Assert.Single(report.Objects).Problems).Message, StringComparison.Ordinal);
        Assert.Null(await space.FindAsync("Flow", "f"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n---\n")]
    public async Task ImportAsync_Nothing_SaysWhatToGive(string text)
    {
        var space = await fixture.NewNamespaceAsync();

        var refusal = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(text, space, dryRun: true));

        Assert.StartsWith("There is no object in it.", refusal.Message, StringComparison.Ordinal);
    }

    private Task<List<string>> AuditedAsync() =>
        _database.Database.ReadAsync(context => context.Audit.OrderBy(row => row.Sequence).Select(row => $"{row.Action} {row.Kind} {row.Name}").ToListAsync());

    private Task<ImportReport> ImportAsync(string text, TestNamespace space, bool dryRun, bool force = false, CurrentUser? user = null, ReleasePolicy? policy = null) =>
        TestImporter.On(fixture, _database, policy)
            .ImportAsync(text, new ImportOptions(space.Name, dryRun, force), user ?? TestUsers.Administrator(), CancellationToken.None);
}
