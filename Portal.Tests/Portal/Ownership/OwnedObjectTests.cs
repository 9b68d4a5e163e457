using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Data;
using Portal.Kubernetes.Client;
using Portal.Operator.Prompts;

namespace Portal.Tests.Portal.Ownership;

[Collection(PortalCollection.Name)]
public sealed class OwnedObjectTests(PortalFixture fixture)
{
    private readonly string _name = $"owned-{Guid.NewGuid():N}"[..18];

    private string Root => $"/api/v1/namespaces/default/prompts/{_name}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publish_PromptOfArgo_IsRefusedAndTouchesNothing(bool force)
    {
        var before = await MakeAsync("Argo's words");

        using var refused = await fixture.Portal.Http.PostAsJsonAsync($"{Root}/publish", new { content = "My words", force });

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("Argo CD: shop-prompts keeps this object as its repository says", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var after = await fixture.Portal.Client.Resource<Prompt>().GetAsync("default", _name, default);
        var row = await fixture.Portal.Services.GetRequiredService<PortalDatabase>().ReadAsync(context => context.Audit.SingleAsync(row => row.Name == _name && row.Result == "Refused"));
        Assert.Equal(("release.submitted", "local:admin"), (row.Action, row.ActorId));
        Assert.Equal((before.Generation, "Argo's words"), (after.Generation, after.Spec.Content));
    }

    [Fact]
    public async Task Delete_PromptOfArgo_IsRefused()
    {
        await MakeAsync("Argo's words");

        using var refused = await fixture.Portal.Http.DeleteAsync(Root);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.NotNull(await fixture.Portal.Client.Resource<Prompt>().FindAsync("default", _name, default));
    }

    [Fact]
    public async Task File_DraftOfAPromptOfArgo_IsWhatToCommit()
    {
        await MakeAsync("Argo's words");
        (await fixture.Portal.Http.PutAsJsonAsync($"{Root}/draft", new { content = "My words" })).Dispose();

        using var manifest = await fixture.Portal.Http.GetAsync($"{Root}/file");
        var patch = await fixture.Portal.Http.GetStringAsync($"{Root}/file?as=patch");

        Assert.Equal($"{_name}.prompt.yaml", manifest.Content.Headers.ContentDisposition!.FileName);
        var text = await manifest.Content.ReadAsStringAsync();
        Assert.Contains("content: My words", text, StringComparison.Ordinal);
        Assert.DoesNotContain("argocd", text, StringComparison.Ordinal);
        Assert.Equal($"apiVersion: genkit.dev/v1alpha1\nkind: Prompt\nmetadata:\n  name: {_name}\n  namespace: default\nspec:\n  content: My words\n", patch);
        using var wrong = await fixture.Portal.Http.GetAsync($"{Root}/file?as=zip");
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
    }

    [Fact]
    public async Task Delete_PromptOfNobody_IsOneRowWithItsActor()
    {
        using var published = await fixture.Portal.Http.PostAsJsonAsync($"{Root}/publish", new { content = "Words" });
        published.EnsureSuccessStatusCode();

        using var deleted = await fixture.Portal.Http.DeleteAsync(Root);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        var row = await fixture.Portal.Services.GetRequiredService<PortalDatabase>()
            .ReadAsync(context => context.Audit.SingleAsync(row => row.Name == _name && row.Action == "prompt.deleted"));
        Assert.Equal(("local:admin", "Succeeded"), (row.ActorId, row.Result));
        Assert.Contains("Words", row.Changes, StringComparison.Ordinal);
    }

    private Task<Prompt> MakeAsync(string content) => fixture.Portal.Client.Resource<Prompt>().ApplyAsync(
        new Prompt(JsonNode.Parse($$"""
            {"apiVersion": "genkit.dev/v1alpha1", "kind": "Prompt",
             "metadata": {"name": "{{_name}}", "namespace": "default", "annotations": {"argocd.argoproj.io/tracking-id": "shop-prompts:genkit.dev/Prompt:default/{{_name}}"} },
             "spec": {"content": "{{content}}"} }
            """)!.AsObject()),
        new WriteOptions { Manager = new FieldManager("argocd-controller") }, default);
}
