using System.Net;
using System.Runtime.CompilerServices;
using Portal.Runner.Providers;

namespace Portal.Tests.Runner.Flows;

/// <summary>Files that change under a running runner. The looks are made by hand: nothing waits for a timer.</summary>
public class ServedFlowsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Look_FilesChanged_TakesThemOnceTheyAreQuiet()
    {
        using var files = ContractFolder.Single("---\nmodel: fake/m\n---\nold");
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await StartAsync(provider, files);
        files.Write("prompts/greeting.prompt", "---\nmodel: fake/m\n---\nnew words");

        runner.Server.Flows.Look();
        Assert.Equal("old", await AskedAsync(runner, provider));
        files.Write("prompts/greeting.prompt", "---\nmodel: fake/m\n---\nnew words, still being written");
        runner.Server.Flows.Look();
        Assert.Equal("old", await AskedAsync(runner, provider));
        runner.Server.Flows.Look();

        Assert.Equal("new words, still being written", await AskedAsync(runner, provider));
    }

    [Fact]
    public async Task Look_PromptsComeAndGo_RoutesDoToo()
    {
        using var files = ContractFolder.Single();
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"), files);
        files.Write("prompts/second.prompt", "---\nmodel: fake/m\n---\nHi");
        File.Delete(Path.Combine(files.Root, "prompts/greeting.prompt"));

        LookTwice(runner);

        Assert.Equal(["/hello", "/second"], runner.Server.Flows.Current.Paths);
    }

    [Fact]
    public async Task Look_ConfigMapSwapped_SeesItThroughTheLinks()
    {
        using var files = ContractFolder.Single();
        File.Delete(Path.Combine(files.Root, "prompts/greeting.prompt"));
        files.Write("prompts/..2030_01/greeting.prompt", "---\nmodel: fake/m\n---\nold").Write("prompts/..2030_02/greeting.prompt", "---\nmodel: fake/m\n---\nnew");
        var data = Path.Combine(files.Root, "prompts", "..data");
        Directory.CreateSymbolicLink(data, "..2030_01");
        File.CreateSymbolicLink(Path.Combine(files.Root, "prompts", "greeting.prompt"), "..data/greeting.prompt");
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await StartAsync(provider, files);
        Assert.Equal("old", await AskedAsync(runner, provider));

        Directory.Delete(data); // the link
        Directory.CreateSymbolicLink(data, "..2030_02");
        LookTwice(runner);

        Assert.Equal("new", await AskedAsync(runner, provider));
    }

    [Fact]
    public async Task Look_CallRuns_FinishesOnTheOldVersion()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var files = ContractFolder.Single("---\nmodel: fake/m\n---\nold");
        await using var runner = await StartAsync(new FakeProvider((request, cancellationToken) => EchoAsync(request, cancellationToken)), files);
        var call = runner.PostAsync("/hello", "");
        await asked.Task.WaitAsync(s_patience);

        File.Delete(Path.Combine(files.Root, "prompts/greeting.prompt"));
        files.Write("prompts/other.prompt", "---\nmodel: fake/m\n---\nnew");
        LookTwice(runner);
        release.SetResult();

        using var response = await call;
        Assert.Equal("you said old", await response.Content.ReadAsStringAsync());
        using var next = await runner.PostAsync("/hello", "");
        Assert.Equal("you said new", await next.Content.ReadAsStringAsync());

        async IAsyncEnumerable<ModelChunk> EchoAsync(ModelRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            asked.TrySetResult();
            await release.Task.WaitAsync(cancellationToken);
            yield return FakeProvider.Text("you said " + request.Messages[0].Text);
            yield return FakeProvider.End;
        }
    }

    [Fact]
    public async Task Look_PromptBroken_GoesOnAsItWasAndSaysSo()
    {
        using var files = ContractFolder.Single("---\nmodel: fake/m\n---\nold");
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await StartAsync(provider, files);

        files.Write("prompts/greeting.prompt", "{{#if broken}}");
        LookTwice(runner);

        Assert.Equal("old", await AskedAsync(runner, provider));
        Assert.Contains("/greeting: stale: prompt \"greeting\"", await runner.Client.GetStringAsync("/readyz?verbose"), StringComparison.Ordinal);
        Assert.Contains(runner.Log, static line => line.StartsWith("/greeting is stale: prompt", StringComparison.Ordinal));

        files.Write("prompts/greeting.prompt", "---\nmodel: fake/m\n---\nrepaired");
        LookTwice(runner);

        Assert.Equal("repaired", await AskedAsync(runner, provider));
        Assert.Equal("ok\n/greeting: ready\n/hello: ready\n", await runner.Client.GetStringAsync("/readyz?verbose"));
    }

    [Fact]
    public async Task Look_ConfigBroken_TakesNothingOfTheChange()
    {
        using var files = ContractFolder.Single("---\nmodel: fake/m\n---\nold");
        var provider = FakeProvider.Saying("Hi");
        await using var runner = await StartAsync(provider, files);

        files.Write("config.json", "{").Write("prompts/greeting.prompt", "---\nmodel: fake/m\n---\nnew");
        LookTwice(runner);

        Assert.Equal("old", await AskedAsync(runner, provider));
        Assert.Contains("last change: not taken: ", await runner.Client.GetStringAsync("/readyz?verbose"), StringComparison.Ordinal);
        Assert.Contains(runner.Log, static line => line.Contains("config.json is not valid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_OneFlowBroken_Answers503WithTheCauseAndTheOtherAnswers()
    {
        using var files = new ContractFolder().Write("manifest.json", """{"flows":[{"name":"bad","entrypoint":"p","dir":"/genkit/flows/bad"},{"name":"good","entrypoint":"p","dir":"/genkit/flows/good"}]}""")
            .Write("flows/good/config.json", "{}").Write("flows/good/prompts/p.prompt", "---\nmodel: fake/m\n---\nHi");
        await using var runner = await StartAsync(FakeProvider.Saying("Hello"), files);

        using var bad = await runner.PostAsync("/bad", "");
        using var good = await runner.PostAsync("/good", "");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, bad.StatusCode);
        Assert.Contains("config.json is missing", await bad.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("Hello", await good.Content.ReadAsStringAsync());
        Assert.Equal("ok", await runner.Client.GetStringAsync("/readyz"));
        Assert.Contains("\"state\":\"broken\",\"problem\":", await runner.Client.GetStringAsync("/"), StringComparison.Ordinal);

        files.Write("flows/bad/config.json", "{}").Write("flows/bad/prompts/p.prompt", "---\nmodel: fake/m\n---\nHi");
        LookTwice(runner);

        using var repaired = await runner.PostAsync("/bad", "");
        Assert.Equal("Hello", await repaired.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_NoFlowCanRun_IsNotReady()
    {
        using var files = ContractFolder.Single("{{#if broken}}");
        await using var runner = await StartAsync(FakeProvider.Saying("Hi"), files);

        using var response = await runner.Client.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("no flow can run", await response.Content.ReadAsStringAsync());
    }

    private static void LookTwice(RunningServer runner)
    {
        runner.Server.Flows.Look();
        runner.Server.Flows.Look();
    }

    private static async Task<string> AskedAsync(RunningServer runner, FakeProvider provider)
    {
        using var response = await runner.PostAsync("/hello", "");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return provider.Requests.Last().Messages[0].Text;
    }

    private static Task<RunningServer> StartAsync(FakeProvider provider, ContractFolder files) =>
        RunningServer.StartAsync(provider, files, static options => options with { ReloadInterval = TimeSpan.Zero });
}
