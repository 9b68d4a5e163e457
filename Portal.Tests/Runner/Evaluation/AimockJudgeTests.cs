using Portal.Runner.Evaluation;
using Portal.Runner.Providers;
using Portal.Tests.Runner.Flows;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Runner.Evaluation;

/// <summary>A judge of each vendor, at an independent mock of it.</summary>
public sealed class AimockJudgeTests(AimockFixture aimock) : IClassFixture<AimockFixture>
{
    [Theory]
    [MemberData(nameof(AimockTests.Providers), MemberType = typeof(AimockTests))]
    public async Task Run_JudgeOfVendor_GivesAScore(string name)
    {
        var provider = AimockProvider.Find(name);
        var extraConfig = (JsonObject)provider.ExtraConfig.DeepClone();
        extraConfig[provider.AddressSetting] = aimock.Url + provider.Path;
        var config = new JsonObject
        {
            ["plugin"] = new JsonObject { ["type"] = name, ["extraConfig"] = extraConfig },
            ["credentialsDir"] = "/genkit/credentials",
        };
        using var folder = new ContractFolder().Write("config.json", config.ToJsonString()).Write($"credentials/{provider.KeyName ?? "UNUSED"}", AimockFixture.GoodKey);
        using var client = ProviderCatalog.CreateHttpClient();
        provider.Authorize(client, AimockFixture.GoodKey);
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Paris"));
        var job = new EvalJob { Providers = ProviderCatalog.Create(client, TimeProvider.System), Root = folder.Root }
            .Set("EVAL_FLOW_URL", new Uri(flow.Server.Address, "/hello").ToString()).Set("EVAL_METRICS", "answer_relevancy").Set("EVAL_DATASET_INLINE", """[{"name":"x"}]""")
            .Set("EVAL_JUDGE_CONFIG", Path.Combine(folder.Root, "config.json")).Set("EVAL_JUDGE_MODEL", $"{name}/some-model");

        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));

        Assert.Equal("""{"evaluator":"/evaluator/answer_relevancy","score":0.75,"status":"PASS","rationale":"fits"}""", job.Result["results"]![0]!["metrics"]![0]!.ToJsonString());
    }
}
