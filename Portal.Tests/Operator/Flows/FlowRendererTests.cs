using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;
using Portal.Operator.Flows;
using Portal.Operator.Manifests;
using Portal.Runner.Contract;
using Portal.Tests.Shared;

namespace Portal.Tests.Operator.Flows;

public class FlowRendererTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetDirectories(Repository.Path(s_casesPath)).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];

    private static readonly string[] s_casesPath = ["Portal.Tests", "Operator", "Flows", "Cases"];

    [Fact]
    public void Render_VariablesOfTheOperator_AreThereUnlessTheSpecHasThem()
    {
        var flow = Flow.FromJson(TestManifests.Read("""
            metadata: {name: f, namespace: shop, uid: u}
            spec: {image: x, env: [{name: OURS, value: theirs}]}
            """)[0]);
        var inputs = new FlowInputs
        {
            Prompts = [],
            Tools = new Dictionary<string, JsonObject>(),
            Defaults = [new() { Name = "OURS", Value = "ours" }, new() { Name = "URL", Value = "http://usage" }],
        };

        var deployment = FlowRenderer.Render(flow, inputs, FlowFiles.Render("f", inputs), replicas: 1).Deployment.Json;

        var variables = deployment["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().ToDictionary(item => (string)item!["name"]!, item => (string?)item!["value"]);
        Assert.Equal(("theirs", "http://usage"), (variables["OURS"], variables["URL"]));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Render_Case_MakesTheExpectedObjects(string name)
    {
        var objects = TestManifests.Parse(File.ReadAllText(Repository.Path([.. s_casesPath, name, "input.yaml"])));

        var rendered = Render(objects);

        var text = string.Join("---\n", rendered.Children.Select(child => ManifestYaml.Serialize(child.Desired.Json)));
        Snapshot.Matches(Path.Combine([.. s_casesPath, name, "expected.yaml"]), text);
    }

    [Fact]
    public void Render_DeeplyNestedToolAndPlugin_AreWrittenAndReadBack()
    {
        var deep = new JsonObject();
        for (var depth = 0; depth < 90; depth++)
        {
            deep = new JsonObject { ["a"] = deep };
        }

        var files = FlowFiles.Render("f", new FlowInputs
        {
            Prompts = [],
            Tools = new Dictionary<string, JsonObject> { ["t"] = deep },
            Model = new ModelInputs(
                new RuntimeModel { Provider = "demo", Model = "m" }, new RuntimePlugin { Type = "demo", ExtraConfig = (JsonObject)deep.DeepClone() }, [], new KubeObject([])),
        });

        Assert.Equal(deep.ToJsonString(KubernetesJson.Options), files.Tools["t.json"]);
        var config = JsonSerializer.Deserialize(files.Config["config.json"], RuntimeJson.Default.RuntimeConfig)!;
        Assert.True(JsonNode.DeepEquals(deep, config.Plugin!.ExtraConfig));
    }

    [Fact]
    public void Render_Twice_MakesEqualObjects()
    {
        var yaml = File.ReadAllText(Repository.Path([.. s_casesPath, "references", "input.yaml"]));

        var (first, second) = (Render(TestManifests.Parse(yaml)), Render(TestManifests.Parse(yaml)));

        Assert.Equal(
            first.Children.Select(child => child.Desired.Json.ToJsonString()), second.Children.Select(child => child.Desired.Json.ToJsonString()));
    }

    [Fact]
    public void Render_ToolOfAFlow_TellsItsAddressOnceTheFlowExists()
    {
        var objects = TestManifests.Parse(File.ReadAllText(Repository.Path([.. s_casesPath, "references", "input.yaml"])));
        var flow = objects.OnlyFlow;
        var with = objects.With("""
            kind: Flow
            metadata: {name: billing, namespace: shop}
            spec: {image: x, port: 7000}
            """);

        var before = Descriptor(flow, objects);
        var after = Descriptor(flow, with);

        Assert.Null(before["implementation"]!["flowRef"]!["url"]);
        Assert.Equal("http://billing.shop.svc:7000", (string?)after["implementation"]!["flowRef"]!["url"]);
    }

    private static JsonNode Descriptor(Flow flow, TestManifests objects) =>
        JsonNode.Parse(FlowFiles.Render(flow.Name, FlowDependencies.Resolve(flow, objects).Inputs!).Tools["ask-billing.json"])!;

    private static RenderedFlow Render(TestManifests objects)
    {
        var flow = objects.OnlyFlow;
        var (inputs, problem) = FlowDependencies.Resolve(flow, objects);
        Assert.Null(problem);
        return FlowRenderer.Render(flow, inputs!, FlowFiles.Render(flow.Name, inputs!), flow.Spec.Autoscaling is null ? flow.Spec.Replicas ?? 1 : null);
    }
}
