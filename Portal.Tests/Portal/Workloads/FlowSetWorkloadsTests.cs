using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Embedded.Workloads;
using Portal.Kubernetes.Objects;
using Portal.Operator.FlowSets;
using Portal.Tests.Operator;
using Portal.Tests.Runner.Providers;

namespace Portal.Tests.Portal.Workloads;

/// <summary>A FlowSet as one process of this machine: three flows on three providers, each with credentials of its own.</summary>
[Collection(PortalCollection.Name)]
public sealed class FlowSetWorkloadsTests(PortalFixture fixture, AimockFixture aimock) : IClassFixture<AimockFixture>
{
    private readonly RunningPortal _portal = fixture.Portal;
    private readonly string _name = "set-" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task FlowSet_ThreeProvidersTwoToolsOneBrokenFlow_TwoAnswerAndRepairHealsTheThird()
    {
        await using var weather = await StartWeatherAsync();
        await ApplyAsync(Manifests(weather.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));

        var partly = await UntilAsync(set => (int?)set?.Json["status"]?["readyFlows"] == 2);
        var broken = partly!.Json["status"]!["flows"]!.AsArray().Single(flow => (string?)flow!["name"] == "echo")!;
        Assert.Equal((false, "flow \"echo\": prompt \"" + _name + "-later\" not found"), ((bool)broken["ready"]!, (string?)broken["message"]));
        Assert.Equal("MissingDependency", partly.FindCondition("Ready")!.Reason);
        Assert.Equal((HttpStatusCode.OK, "Take boots."), await AskAsync("claude", "advice"));
        Assert.Equal((HttpStatusCode.OK, "Hello from the mock, dear tester."), await AskAsync("gpt", null));
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync("echo", null)).Status);

        await ApplyAsync($$"""
            apiVersion: genkit.dev/v1alpha1
            kind: Prompt
            metadata: {name: {{_name}}-later}
            spec: {content: "repaired"}
            """);
        await UntilAsync(set => set?.FindCondition("Ready")?.IsTrue == true && (int?)set.Json["status"]?["readyFlows"] == 3);

        Assert.Contains("repaired", (await AskAsync("echo", null)).Text, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "Hello from the mock, dear tester."), await AskAsync("gpt", null));
    }

    private string Manifests(string weather) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{_name}}-a}
        stringData: {ANTHROPIC_API_KEY: {{AimockFixture.GoodKey}} }
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: {{_name}}-o}
        stringData: {MY_KEY: {{AimockFixture.GoodKey}} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: PluginConfig
        metadata: {name: {{_name}}-a}
        spec: {type: anthropic, credentialsRef: {name: {{_name}}-a}, extraConfig: {baseURL: '{{aimock.Url}}'} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: PluginConfig
        metadata: {name: {{_name}}-o}
        spec: {type: openai, credentialsRef: {name: {{_name}}-o}, credentialKeys: [MY_KEY], extraConfig: {baseURL: '{{aimock.Url}}/v1'} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Model
        metadata: {name: {{_name}}}
        spec: {provider: anthropic, model: some-model, pluginConfigRef: {name: {{_name}}-a} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Tool
        metadata: {name: {{_name}}-weather}
        spec:
          definition: {name: get_weather, description: Tells the weather., inputSchema: {type: object, properties: {city: {type: string}, days: {type: integer} } } }
          implementation: {http: {url: '{{weather}}'} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Flow
        metadata: {name: {{_name}}-user}
        spec:
          image: genkit-portal/runner
          modelRef: {name: echo-stream}
          prompts: [{prompt: {name: who, content: "The snowman"} }]
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: Tool
        metadata: {name: {{_name}}-user}
        spec:
          definition: {name: find_user, description: Tells who asks.}
          implementation: {flowRef: {name: {{_name}}-user} }
        ---
        apiVersion: genkit.dev/v1alpha1
        kind: FlowSet
        metadata: {name: {{_name}}}
        spec:
          image: genkit-portal/runner
          env: [{name: GENKIT_TOOLS_ALLOW_LOOPBACK, value: 'true'}]
          flows:
          - name: claude
            modelRef: {name: {{_name}} }
            prompts: [{prompt: {name: ask, content: "---\ntools: [get_weather, find_user]\noutput:\n  schema:\n    advice: string\n    days: integer\n---\nuse two tools"} }]
            tools: [{name: {{_name}}-weather}, {name: {{_name}}-user}]
          - name: gpt
            modelSpec: {provider: openai, model: some-model, pluginConfigRef: {name: {{_name}}-o} }
            prompts: [{prompt: {name: ask, content: say hello} }]
          - name: echo
            modelRef: {name: echo-stream}
            prompts: [{promptRef: {name: {{_name}}-later} }]
        """;

    private async Task ApplyAsync(string yaml)
    {
        foreach (var manifest in TestManifests.Read(yaml))
        {
            var (apiVersion, kind) = ((string)manifest["apiVersion"]!, (string)manifest["kind"]!);
            manifest["metadata"]!["namespace"] = "demo";
            var definition = kind == "Secret" ? BuiltIn.Secret : new ResourceDefinition("genkit.dev", apiVersion.Split('/')[1], kind, kind.ToLowerInvariant() + "s", true);
            await _portal.Client.Resource(definition).CreateAsync(new KubeObject(manifest), null, CancellationToken.None);
        }
    }

    private Task<KubeObject?> UntilAsync(Func<KubeObject?, bool> condition) => _portal.WaitForAsync(FlowSet.Definition, "demo", _name, condition);

    /// <summary>Asks the pod itself, where the EndpointSlice says that it listens.</summary>
    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string flow, string? member)
    {
        var slice = (await _portal.Client.Resource(BuiltIn.EndpointSlice).ListAsync("demo", null, CancellationToken.None)).Items
            .Last(item => item.Labels.GetValueOrDefault(LocalNode.ServiceNameLabel) == _name && (bool?)item.Json["endpoints"]![0]!["conditions"]!["ready"] == true);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = RunningPortal.Patience };
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync($"http://127.0.0.1:{slice.Json["ports"]![0]!["port"]}/{flow}", content);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, member is null || !response.IsSuccessStatusCode ? text : (string)JsonNode.Parse(text)![member]!);
    }

    private static async Task<WebApplication> StartWeatherAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(static context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync("""{"sky":"snow"}""");
        });
        await app.StartAsync();
        return app;
    }
}
