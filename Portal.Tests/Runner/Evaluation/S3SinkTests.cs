using Portal.Runner.Aws;
using Portal.Runner.Evaluation;
using Portal.Tests.Runner.Flows;

namespace Portal.Tests.Runner.Evaluation;

public sealed class S3SinkTests(S3Fixture s3) : IClassFixture<S3Fixture>
{
    [Theory]
    [InlineData("nightly", "nightly/my eval+1/run-1.json", null)]
    [InlineData("/deep/né (x)!/", "deep/né (x)!/my eval+1/run-1.json", null)]
    [InlineData("", "my eval+1/run-1.json", "a-session-token")]
    public async Task Run_SinkIsS3_PutsOneObjectThatCanBeReadBack(string prefix, string key, string? token)
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        var job = Job(flow).Set("EVAL_SINK_PREFIX", prefix).Set("AWS_SESSION_TOKEN", token ?? "");

        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));

        Assert.Equal("completed", (string?)JsonNode.Parse(await ReadAsync(key))!["status"]);
        Assert.Empty(job.Output);
    }

    [Theory]
    [InlineData("AWS_SECRET_ACCESS_KEY", "some-wrong-secret", "403 SignatureDoesNotMatch")]
    [InlineData("AWS_ACCESS_KEY_ID", "nobody", "403 InvalidAccessKeyId")]
    [InlineData("EVAL_SINK_BUCKET", "other-bucket", "404 NoSuchBucket")]
    public async Task Run_S3Refuses_SaysItsCodeAndNoSecret(string variable, string value, string expected)
    {
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        var job = Job(flow).Set(variable, value);

        Assert.Equal(EvaluationExit.SinkFailed, await job.RunAsync());

        Assert.Contains(expected, job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("some-wrong-secret", job.Error + job.Output, StringComparison.Ordinal);
        Assert.Equal("completed", (string?)job.Result["status"]);
    }

    [Theory]
    [InlineData("b", null, false, "https://b.s3.eu-central-1.amazonaws.com/a%20b/c.json")]
    [InlineData("b.c", null, true, "https://s3.eu-central-1.amazonaws.com/b.c/a%20b/c.json")]
    [InlineData("b", "http://minio:9000/", true, "http://minio:9000/b/a%20b/c.json")]
    [InlineData("b", "http://minio:9000/s3", false, "http://b.minio:9000/s3/a%20b/c.json")]
    public void AddressOf_Style_DecidesWhereTheBucketIs(string bucket, string? endpoint, bool pathStyle, string expected) =>
        Assert.Equal(expected, new S3Place(bucket, "eu-central-1", endpoint is null ? null : new Uri(endpoint), pathStyle).AddressOf("a b/c.json").AbsoluteUri);

    private EvalJob Job(RunningServer flow) => EvalJob.Of(new Uri(flow.Server.Address, "/hello"), "latency", """[{"name":"x"}]""")
        .Set("EVAL_RUN_ID", "run-1").Set("EVAL_NAME", "my eval+1").Set("EVAL_SINK_KIND", "s3").Set("EVAL_SINK_BUCKET", S3Fixture.Bucket)
        .Set("EVAL_SINK_ENDPOINT", s3.Address.ToString()).Set("AWS_ACCESS_KEY_ID", S3Fixture.Key).Set("AWS_SECRET_ACCESS_KEY", S3Fixture.Key);

    private async Task<string> ReadAsync(string key)
    {
        using var client = new HttpClient(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new S3Place(S3Fixture.Bucket, "us-east-1", s3.Address, PathStyle: true).AddressOf(key));
        AwsSignature.Sign(request, [], new AwsKeys { AccessKey = S3Fixture.Key, SecretKey = S3Fixture.Key }, "us-east-1", "s3", TimeProvider.System.GetUtcNow());
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }
}
