using Microsoft.Extensions.DependencyInjection;
using Portal.Auth;
using Portal.Data;
using Portal.Features.Releases;
using Portal.Features.Releases.Reviewing;
using Portal.Features.Releases.States;
using Portal.Kubernetes.Client;
using Portal.Operator.Datasets;
using Portal.Operator.Evals;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal.Releases;

/// <summary>A required Eval, run on the text of a request before it is published, with the real engine and the built-in model.</summary>
public sealed class EvalGateTests : IAsyncLifetime
{
    private const string Good = "---\nmodel: demo/echo-stream\ninput:\n  schema:\n    customer_name: string\n    question: string\n---\nDear {{customer_name}}, your question was: {{question}}";
    private readonly CurrentUser _root = TestUsers.Administrator();
    private RunningPortal _portal = null!;

    private ReleaseDesk Desk => _portal.Services.GetRequiredService<ReleaseDesk>();
    private EvalGate Gate => _portal.Services.GetRequiredService<EvalGate>();

    public async Task InitializeAsync()
    {
        _portal = await RunningPortal.StartAsync(
            "--Portal:Releases:Environments:0:Name", "demo", "--Portal:Releases:Environments:0:Namespaces:0", "demo", "--Portal:Releases:Environments:0:RequiredEvals:0", "quality");
        await _portal.WaitForReadyFlowAsync("demo", "support-reply");
        var options = new WriteOptions { Manager = FieldManager.Portal };
        await _portal.Client.Resource<Dataset>().ApplyAsync(
            Dataset.FromJson(JsonNode.Parse("""
                {"apiVersion":"genkit.dev/v1alpha1","kind":"Dataset","metadata":{"name":"questions","namespace":"demo"},"spec":{"format":"json","source":{"inline":[
                  {"testCaseId":"ada","input":{"customer_name":"Ada","question":"Where?"},"reference":"Ada"},
                  {"testCaseId":"ben","input":{"customer_name":"Ben","question":"When?"},"reference":"Ben"}]}}}
                """)!.AsObject()), options, default);
        await _portal.Client.Resource<Eval>().ApplyAsync(
            Eval.FromJson(JsonNode.Parse("""
                {"apiVersion":"genkit.dev/v1alpha1","kind":"Eval","metadata":{"name":"quality","namespace":"demo"},"spec":{"flowRef":{"name":"support-reply"},"datasetRef":{"name":"questions"},
                 "metrics":["contains"],"schedule":"0 2 29 2 *","runnerImage":"x","outputSink":{"configMap":{"name":"results","key":"result.json"}}}}
                """)!.AsObject()), options, default);
        await _portal.WaitForAsync(Eval.Definition, "demo", "quality", found => found is not null);
        await _portal.WaitForAsync(Dataset.Definition, "demo", "questions", found => found is not null);
    }

    public Task DisposeAsync() => _portal.DisposeAsync().AsTask();

    [Fact]
    public async Task Run_OnTheTextOfARequest_LetsOutWhatPassesAndHoldsWhatFlips()
    {
        var first = await AskAsync(Good);
        Assert.Equal(ReleaseStatus.Open, first.Status);
        var passed = await Gate.RunAsync(first.Id, "quality", _root, default);
        Assert.Equal((ReleaseStatus.Published, null), (passed.Release!.Status, passed.Refusal));

        var second = await AskAsync(Good.Replace("Dear {{customer_name}}", "Dear customer", StringComparison.Ordinal));
        var failed = await Gate.RunAsync(second.Id, "quality", _root, default);
        Assert.Equal(ReleaseStatus.ChangesRequested, failed.Release!.Status);
        var list = _portal.Services.GetRequiredService<ReleaseList>();
        var entry = (await list.FindAsync(second.Id, _root, default))!.Events.Single(item => item.Kind == ReleaseSteps.EvalFailed);
        Assert.Equal("quality: 0 of 2 samples are good. Good before and not now: ada (contains does not pass), ben (contains does not pass).", entry.Comment);

        var own = await Desk.ExecuteAsync(second.Id, new ReleaseCommand.OverrideEval(second.Hash, "quality", "I know better"), _root, default);
        Assert.Equal(RefusalReason.Forbidden, own.Refusal!.Reason);
        var overridden = await Desk.ExecuteAsync(second.Id, new ReleaseCommand.OverrideEval(second.Hash, "quality", "Names are not to be told any more"), TestUsers.Of(LocalPersona.Approver), default);
        Assert.Equal(ReleaseStatus.Published, overridden.Release!.Status);
    }

    [Fact]
    public async Task Run_EvalThatIsGone_HoldsAndSaysWhy()
    {
        await _portal.Client.Resource<Eval>().DeleteAsync("demo", "quality", null, default);
        await _portal.WaitForAsync(Eval.Definition, "demo", "quality", found => found is null);
        var release = await AskAsync(Good);

        var result = await Gate.RunAsync(release.Id, "quality", _root, default);

        Assert.Equal(ReleaseStatus.ChangesRequested, result.Release!.Status);
        var entry = (await _portal.Services.GetRequiredService<ReleaseList>().FindAsync(release.Id, _root, default))!.Events[^1];
        Assert.Equal("quality: there is no Eval \"quality\" in demo.", entry.Comment);
        Assert.Equal(RefusalReason.Conflict, (await Gate.RunAsync(release.Id, "another", _root, default)).Refusal!.Reason);
    }

    [Fact]
    public async Task Submit_PromptTheEvalDoesNotMeasure_NeedsNone()
    {
        var result = await Desk.SubmitAsync(TestDesk.Submission("demo", TestDesk.Good, "elsewhere"), _root, default);

        Assert.Equal(ReleaseStatus.Published, result.Release!.Status);
    }

    private async Task<Release> AskAsync(string content)
    {
        var submission = TestDesk.Submission("demo", content, "support-reply");
        return (await Desk.SubmitAsync(submission with { Objects = [submission.Objects[0] with { Force = true }] }, _root, default)).Release!;
    }
}
