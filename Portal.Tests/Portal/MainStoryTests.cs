using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Portal.Features.Demo;
using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;
using Portal.Operator.Flows;
using Portal.Operator.Prompts;
using Portal.Tests.Portal.Auth;

namespace Portal.Tests.Portal;

/// <summary>From an empty directory to an answer, through the real portal, its cluster and its processes.</summary>
public class MainStoryTests
{
    private static readonly object s_input = new { customer_name = "Ada", question = "Where is my parcel?" };

    [Fact]
    public async Task Portal_FirstStart_SeedsServesRollsAndCleansUp()
    {
        await using var portal = await RunningPortal.StartAsync();
        await portal.WaitForReadyFlowAsync("demo", "support-reply");
        Assert.Equal("ok", await portal.Http.GetStringAsync("/readyz"));
        Assert.True(File.Exists(Path.Combine(portal.DataDirectory, "kubeconfig")));

        await AssertStreamsAsync(portal);
        Assert.Contains("Ada writes: Where is my parcel?", await AskAsync(portal, "/flows/demo/support-reply"), StringComparison.Ordinal);
        Assert.Contains("\"summary\"", await AskAsync(portal, "/flows/demo/support-reply/summarize", new { conversation = "Hello" }), StringComparison.Ordinal);

        await EditPromptAsync(portal, "writes:", "asks today:");
        Assert.Contains("Ada asks today: Where is my parcel?", await AskAsync(portal, "/flows/demo/support-reply"), StringComparison.Ordinal);
        Assert.Single(portal.Runners());

        await portal.Client.Resource<Flow>().DeleteAsync("demo", "support-reply", null, CancellationToken.None);
        await portal.WaitForAsync(BuiltIn.Deployment, "demo", "support-reply", deployment => deployment is null);
        await PollAsync(() => portal.Runners().Count == 0 && !Directory.EnumerateFileSystemEntries(Path.Combine(portal.DataDirectory, "flows", "demo")).Any());
        Assert.Equal(HttpStatusCode.NotFound, (await portal.CallAsync("/flows/demo/support-reply", s_input)).StatusCode);
    }

    [Fact]
    public async Task Portal_Restarted_BringsEverythingBackAndDeletedDemoDataStaysAway()
    {
        await using var portal = await RunningPortal.StartAsync();
        await portal.WaitForReadyFlowAsync("demo", "support-reply");
        await EditPromptAsync(portal, "writes:", "asks again:");
        await portal.Client.Resource<Prompt>().DeleteAsync("demo", "summarize", null, CancellationToken.None);
        await portal.StopAsync();
        Assert.Empty(portal.Runners());

        await portal.RestartAsync();
        var summarize = await portal.Client.Resource<Prompt>().FindAsync("demo", "summarize", CancellationToken.None);

        Assert.Null(summarize);
        await portal.WaitForAsync(Flow.Definition, "demo", "support-reply", flow => flow?.FindCondition("Ready")?.Message == "prompt \"summarize\" not found");
    }

    [Fact]
    public async Task DemoData_Deleted_GoesWithItsProcessesAndStaysAway()
    {
        await using var portal = await RunningPortal.StartAsync();
        await portal.WaitForReadyFlowAsync("demo", "support-reply");

        Assert.True(await portal.Services.GetRequiredService<DemoData>().DeleteAsync(TestUsers.Administrator(), CancellationToken.None));

        await portal.WaitForAsync(Flow.Definition, "demo", "support-reply", flow => flow is null);
        await PollAsync(() => portal.Runners().Count == 0);
        await portal.RestartAsync();
        Assert.Null(await portal.Client.Resource(BuiltIn.Namespace).FindAsync(null, "demo", CancellationToken.None));
    }

    [Fact]
    public async Task Flow_MissingSecret_NamesItAndHealsWhenItAppears()
    {
        await using var portal = await RunningPortal.StartAsync();
        await portal.WaitForReadyFlowAsync("demo", "support-reply");
        var secret = (await portal.Client.Resource(BuiltIn.Secret).FindAsync("demo", "demo-credentials", CancellationToken.None))!;

        await portal.Client.Resource(BuiltIn.Secret).DeleteAsync("demo", secret.Name, null, CancellationToken.None);
        await portal.WaitForAsync(Flow.Definition, "demo", "support-reply",
            flow => flow?.FindCondition("Ready")?.Message.Contains("secret \"demo-credentials\" not found", StringComparison.Ordinal) == true);

        var again = new KubeObject(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = secret.Name, ["namespace"] = "demo" },
            ["data"] = secret.Json["data"]!.DeepClone(),
        });
        await portal.Client.Resource(BuiltIn.Secret).CreateAsync(again, null, CancellationToken.None);
        await portal.WaitForReadyFlowAsync("demo", "support-reply");
    }

    private static async Task AssertStreamsAsync(RunningPortal portal)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/flows/demo/support-reply") { Content = System.Net.Http.Json.JsonContent.Create(s_input) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using var response = await portal.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var frames = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                frames.Add(line);
            }
        }

        Assert.True(frames.Count > 5, $"{frames.Count} frames");
        Assert.StartsWith("data: {\"result\":", frames[^1], StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(RunningPortal portal, string path, object? input = null)
    {
        using var response = await portal.CallAsync(path, input ?? s_input);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    // Resolves when the flow serves the new text everywhere: its hash moved and it is Ready again.
    private static async Task EditPromptAsync(RunningPortal portal, string find, string replacement)
    {
        var flow = (await portal.WaitForReadyFlowAsync("demo", "support-reply"))!;
        var before = flow.Json["status"]!["contentHash"]!.ToString();
        var prompt = await portal.Client.Resource<Prompt>().GetAsync("demo", "support-reply", CancellationToken.None);
        var content = Regex.Replace(prompt.Spec.Content, Regex.Escape(find), replacement);
        var patch = new JsonObject { ["spec"] = new JsonObject { ["content"] = content } };
        await portal.Client.Resource<Prompt>().MergePatchAsync("demo", "support-reply", patch, null, new WriteOptions { Manager = FieldManager.Portal }, CancellationToken.None);
        await portal.WaitForAsync(Flow.Definition, "demo", "support-reply",
            changed => changed?.Json["status"]?["contentHash"]?.ToString() != before && changed?.FindCondition("Ready")?.IsTrue == true);
        await portal.WaitForAsync(BuiltIn.Deployment, "demo", "support-reply", deployment => deployment?.Json["status"]?["replicas"]?.ToString() == "1");
        await PollAsync(() => portal.Runners().Count == 1);
    }

    // For what the system does not tell: processes and files.
    private static async Task PollAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(RunningPortal.Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, timeout.Token);
        }
    }
}
