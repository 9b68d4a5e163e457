using Portal.Auth;
using Portal.Data;
using Portal.Features.Ownership;
using Portal.Features.Releases;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Tests.Operator;
using Portal.Tests.Portal.Playground;

namespace Portal.Tests.Portal.Releases;

/// <summary>What was changed past the portal in objects that are no prompts, and the ways back.</summary>
public sealed class DriftOfKindsTests : IClassFixture<IdleOperatorFixture>, IDisposable
{
    private const string Model = """{"model":"gpt","pluginConfigRef":{"name":"openai"},"provider":"openai"}""";
    private const string Flow = """{"image":"runner","prompts":[{"prompt":{"name":"hi","content":"Hello"}}]}""";
    private const string Eval = """{"datasetRef":{"name":"few"},"flowRef":{"name":"web"},"metrics":["latency"],"outputSink":{"configMap":{"name":"out","key":"k"}},"runnerImage":"runner"}""";

    private readonly IdleOperatorFixture _fixture;
    private readonly TestDesk _desk;
    private readonly Drifts _drifts;
    private readonly CurrentUser _root = TestDesk.Person("Root", PortalRole.Admin);

    public DriftOfKindsTests(IdleOperatorFixture fixture)
    {
        (_fixture, _desk) = (fixture, new TestDesk(fixture));
        _drifts = new Drifts(_desk.Database, _desk.Desk);
    }

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task FindAsync_ModelEditedWithKubectl_HasItsFieldsAndWriter()
    {
        var place = await ReleaseAsync("Model", Model);
        Assert.Null(await FindAsync("Model", place));

        await EditAsync("Model", place, """{"model":"gpt-large","defaultConfig":{"temperature":0.9}}""");

        var drift = (await FindAsync("Model", place))!;
        Assert.Equal((1, "kubectl-edit", Canonical(Model)), (drift.Revision, drift.Writer?.Manager, drift.Published));
        Assert.Equal(Canonical("""{"defaultConfig":{"temperature":0.9},"model":"gpt-large","pluginConfigRef":{"name":"openai"},"provider":"openai"}"""), drift.Live);
    }

    [Theory]
    [InlineData("Model", Model, """{"model":"gpt-large","defaultConfig":{"temperature":0.9}}""")]
    [InlineData("Flow", Flow, """{"env":[{"name":"A","value":"1"}],"replicas":3,"modelRef":{"name":"other"}}""")]
    public async Task SubmitAsync_RestoreOfWhatOthersWrote_LeavesNothingOfTheirs(string kind, string content, string edit)
    {
        var place = await ReleaseAsync(kind, content);
        await EditAsync(kind, place, edit);
        var drift = (await FindAsync(kind, place))!;

        var restored = await SubmitAsync(place, new ReleaseObject(kind, "web", drift.Published) { Force = true, RollbackOf = drift.Revision, SeenHash = drift.LiveHash }, "Nobody agreed to that");

        Assert.Equal(ReleaseStatus.Published, restored.Release!.Status);
        var live = await LiveAsync(kind, place);
        Assert.Equal(Canonical(content), LiveContent.Beside(live, content));
        Assert.Equal([FieldManager.Portal.Name], FieldsEntry.Of(live).Where(entry => entry.HoldsSpec).Select(entry => entry.Manager));
        Assert.Null(await FindAsync(kind, place));
        Assert.Equal(1, (await _desk.Revisions.ListAsync(kind, place, "web", default))[0].RollbackOf);
    }

    [Fact]
    public async Task SubmitAsync_RollbackOfAFlow_TakesAReason()
    {
        var place = await ReleaseAsync("Flow", Flow);
        await SubmitAsync(place, new ReleaseObject("Flow", "web", Flow.Replace("Hello", "Bye", StringComparison.Ordinal)), "Say goodbye");

        var silent = await SubmitAsync(place, new ReleaseObject("Flow", "web", Flow) { RollbackOf = 1 }, " ");
        Assert.Equal("message: say why it is rolled back.", silent.Refusal?.Message);

        var told = await SubmitAsync(place, new ReleaseObject("Flow", "web", Flow) { RollbackOf = 1 }, "People were confused");
        Assert.Equal(ReleaseStatus.Published, told.Release!.Status);
        var newest = (await _desk.Revisions.ListAsync("Flow", place, "web", default))[0];
        Assert.Equal((3, 1, "Roll back to r1: People were confused"), (newest.Number, newest.RollbackOf, newest.Message));
        Assert.Equal(3, await _desk.Revisions.NumberOfAsync(await LiveAsync("Flow", place), default));
    }

    [Fact]
    public async Task FindAsync_WhatOnlyTheServerFilledIn_IsNoDrift()
    {
        var place = await ReleaseAsync("Eval", Eval);
        Assert.NotEqual(Canonical(Eval), ReleaseKinds.ContentOf(await LiveAsync("Eval", place)));
        Assert.Null(await FindAsync("Eval", place));
        Assert.Equal(1, await _desk.Revisions.NumberOfAsync(await LiveAsync("Eval", place), default));

        await EditAsync("Eval", place, """{"runnerImage":"other"}""");
        Assert.Equal(Canonical(Eval.Replace("\"runner\"", "\"other\"", StringComparison.Ordinal)), (await FindAsync("Eval", place))!.Live);
        await EditAsync("Eval", place, """{"runnerImage":"runner"}""");
        Assert.Null(await FindAsync("Eval", place));
    }

    [Fact]
    public async Task AdoptAsync_ModelAsItIs_IsPublishedFromThenOn()
    {
        var place = await ReleaseAsync("Model", Model);
        await EditAsync("Model", place, """{"defaultConfig":{"temperature":0.9}}""");

        var result = await _drifts.AdoptAsync((await FindAsync("Model", place))!, _root, default);

        Assert.Equal(ReleaseStatus.Published, result.Release!.Status);
        Assert.Null(await FindAsync("Model", place));
        Assert.Contains("kubectl-edit", FieldsEntry.Of(await LiveAsync("Model", place)).Where(entry => entry.HoldsSpec).Select(entry => entry.Manager));
    }

    [Fact]
    public async Task FindAsync_ScaledByAnAutoscaler_IsDriftOnlyWhereTheReleaseSaysHowMany()
    {
        var (free, fixedTo) = (await ReleaseAsync("Flow", Flow), await ReleaseAsync("Flow", Flow.Replace("{\"image\"", "{\"replicas\":2,\"image\"", StringComparison.Ordinal)));
        foreach (var place in new[] { free, fixedTo })
        {
            await _fixture.Client.Resource<global::Portal.Operator.Flows.Flow>().MergePatchAsync(
                place, "web", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = 5 } }, "scale", new WriteOptions { Manager = new FieldManager("autoscaler") }, default);
        }

        Assert.Null(await FindAsync("Flow", free));
        Assert.NotNull(await FindAsync("Flow", fixedTo));
    }

    [Fact]
    public void Of_ManagedFields_BecomeThePortalsAndKeepTheRest()
    {
        var live = new KubeObject(JsonNode.Parse("""
            {"apiVersion":"genkit.dev/v1alpha1","metadata":{"managedFields":[
              {"manager":"kubectl","operation":"Update","time":"2026-01-01T00:00:00Z","fieldsV1":{"f:metadata":{"f:labels":{}},"f:spec":{"f:a":{"f:b":{}}}}},
              {"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:a":{"f:c":{}}}}},
              {"manager":"autoscaler","operation":"Update","subresource":"scale","fieldsV1":{"f:spec":{"f:replicas":{}}}},
              {"manager":"genkit-portal","operation":"Apply","fieldsV1":{"f:spec":{"f:d":{}}}}]}}
            """)!.AsObject());

        var fields = FieldTakeover.Of(live)!;

        Assert.Equal(
            ["""kubectl {"f:metadata":{"f:labels":{}}}""", """autoscaler {"f:spec":{"f:replicas":{}}}""", """genkit-portal {"f:spec":{"f:d":{},"f:a":{"f:b":{},"f:c":{}}}}"""],
            fields.Select(entry => $"{entry!["manager"]} {entry["fieldsV1"]!.ToJsonString()}"));
        Assert.Null(FieldTakeover.Of(new KubeObject(new JsonObject { ["metadata"] = new JsonObject { ["managedFields"] = new JsonArray(fields[1]!.DeepClone(), fields[2]!.DeepClone()) } })));
    }

    private static string Canonical(string content) => ReleaseKinds.Canonical(JsonNode.Parse(content));

    private async Task<string> ReleaseAsync(string kind, string content)
    {
        var place = await _fixture.NewNamespaceAsync();
        await _fixture.UntilSeenAsync(place);
        var result = await SubmitAsync(place.Name, new ReleaseObject(kind, "web", content), "First");
        Assert.True(result.Release?.Status == ReleaseStatus.Published, result.Refusal?.Message ?? result.Release?.Problem);
        return place.Name;
    }

    private Task<ReleaseResult> SubmitAsync(string place, ReleaseObject item, string message) =>
        _desk.Desk.SubmitAsync(new ReleaseSubmission { Namespace = place, Objects = [item], Message = message }, _root, default);

    private async Task<Drift?> FindAsync(string kind, string place) => await _drifts.FindAsync(await LiveAsync(kind, place), default);

    private Task<KubeObject> LiveAsync(string kind, string place) => _fixture.Client.Resource(ReleaseKinds.Find(kind)!).GetAsync(place, "web", default);

    private Task<KubeObject> EditAsync(string kind, string place, string spec) => _fixture.Client.Resource(ReleaseKinds.Find(kind)!).MergePatchAsync(
        place, "web", new JsonObject { ["spec"] = JsonNode.Parse(spec) }, null, new WriteOptions { Manager = new FieldManager("kubectl-edit") }, default);
}
