using System.Net;
using Portal.Runner.Evaluation;
using Portal.Runner.Evaluation.Datasets;
using Portal.Tests.Runner.Flows;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Runner.Evaluation;

public class DatasetSourceTests
{
    [Fact]
    public async Task Read_Uri_IsDownloaded() =>
        Assert.Equal("[1]"u8.ToArray(), await ReadAsync(ScriptedHandler.Answering("[1]", "text/plain")));

    [Fact]
    public async Task Read_HundredMegabytes_StopsAtTheLimit()
    {
        var body = new EndlessStream(100 * 1024 * 1024);

        var exception = await FailAsync(ScriptedHandler.Streaming(body));

        Assert.Contains("larger than 20 MB", exception.Message, StringComparison.Ordinal);
        Assert.InRange(body.Taken, 20 * 1024 * 1024, 21 * 1024 * 1024);
    }

    [Fact]
    public async Task Read_AnnouncedAsTooLarge_IsNotRead()
    {
        var body = new EndlessStream(100 * 1024 * 1024);
        var handler = new ScriptedHandler((_, _) =>
        {
            var content = new StreamContent(body);
            content.Headers.ContentLength = 100 * 1024 * 1024;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        });

        Assert.Contains("larger than 20 MB", (await FailAsync(handler)).Message, StringComparison.Ordinal);
        Assert.Equal(0, body.Taken);
    }

    [Fact]
    public async Task Read_ServerRefuses_TellsNoQuery()
    {
        var exception = await FailAsync(ScriptedHandler.Answering("no", "text/plain", HttpStatusCode.Forbidden));

        Assert.Equal("the dataset at https://data.test/x.json cannot be read: the server answers 403", exception.Message);
    }

    [Fact]
    public async Task Read_ServerHangs_EndsAtTheTimeLimit()
    {
        var handler = new ScriptedHandler(static async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            throw new InvalidOperationException();
        });

        Assert.Contains("did not arrive within", (await FailAsync(handler)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.csv", "csv")]
    [InlineData("data.json", "csv")]
    public async Task Read_Directory_TakesTheKeyOfTheFormat(string file, string format)
    {
        using var folder = new ContractFolder().Write(file, "text");

        Assert.Equal("text"u8.ToArray(), await new DatasetSource { Path = folder.Root, Format = format }.ReadAsync(null!, null!, CancellationToken.None));
    }

    [Fact]
    public async Task Read_MountIsThere_WinsOverTheConfigMapsName()
    {
        using var folder = new ContractFolder().Write("dataset/data.json", """[{"name":"x"}]""");
        await using var flow = await RunningServer.StartAsync(FakeProvider.Saying("Hello"));
        var job = new EvalJob { Root = folder.Root }.Set("EVAL_FLOW_URL", new Uri(flow.Server.Address, "/hello").ToString()).Set("EVAL_METRICS", "latency")
            .Set("EVAL_DATASET_FORMAT", "json").Set("EVAL_DATASET_CONFIGMAP", "rows");

        Assert.Equal((EvaluationExit.Done, ""), (await job.RunAsync(), job.Error));
    }

    [Fact]
    public async Task Run_FileIsMissing_HasItsOwnCode()
    {
        var job = EvalJob.Of(new Uri("http://127.0.0.1:1/x"), "latency", "").Set("EVAL_DATASET_FILE", "/no/such.csv");

        Assert.Equal(EvaluationExit.DatasetUnreadable, await job.RunAsync());

        Assert.Equal("genkit eval: the dataset in /no/such.csv cannot be read: there is no such file", job.Error.TrimEnd());
    }

    private static async Task<byte[]> ReadAsync(HttpMessageHandler handler)
    {
        using var client = new HttpClient(handler);
        var source = new DatasetSource { Uri = new Uri("https://data.test/x.json?signature=secret"), Format = "json", Timeout = TimeSpan.FromSeconds(1) };
        return await source.ReadAsync(client, null!, CancellationToken.None);
    }

    private static async Task<EvaluationException> FailAsync(HttpMessageHandler handler)
    {
        var exception = await Assert.ThrowsAsync<EvaluationException>(() => ReadAsync(handler));
        Assert.Equal(EvaluationExit.DatasetUnreadable, exception.Exit);
        return exception;
    }

    /// <summary>Zeros; remembers how many were taken.</summary>
    private sealed class EndlessStream(long length) : Stream
    {
        public long Taken { get; private set; }
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => Taken; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, length - Taken);
            Taken += given;
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
