using Portal.Operator.Models;

namespace Portal.Tests.Operator.Models;

public class ModelReconcilerTests
{
    private const string Plugins = """
        kind: PluginConfig
        metadata: {name: good, namespace: shop}
        status: {conditions: [{type: Ready, status: "True"}]}
        ---
        kind: PluginConfig
        metadata: {name: bad, namespace: shop}
        status: {conditions: [{type: Ready, status: "False", message: no region}]}
        ---
        kind: PluginConfig
        metadata: {name: new, namespace: shop}
        ---
        kind: PluginConfig
        metadata: {name: keyless, namespace: shop}
        spec: {type: demo, credentialsRef: {name: s}, credentialKeys: [KEY]}
        status: {conditions: [{type: Ready, status: "False"}]}
        ---
        kind: Secret
        metadata: {name: s, namespace: shop}
        """;

    [Theory]
    [InlineData("", "False", "InvalidSpec", "spec.pluginConfigRef.name is empty", "spec.pluginConfigRef.name is empty")]
    [InlineData("gone", "False", "MissingDependency", "pluginconfig \"gone\" not found", "model \"m\" → pluginconfig \"gone\": not found")]
    [InlineData("bad", "False", "MissingDependency", "pluginconfig \"bad\" is not Ready", "model \"m\" → pluginconfig \"bad\" → no region")]
    [InlineData("new", "False", "MissingDependency", "pluginconfig \"new\" is not Ready", "model \"m\" → pluginconfig \"new\" → spec.credentialsRef.name is empty")]
    [InlineData("keyless", "False", "MissingDependency", "pluginconfig \"keyless\" is not Ready: secret \"s\" has no key \"KEY\"", "model \"m\" → pluginconfig \"keyless\" → secret \"s\" has no key \"KEY\"")]
    [InlineData("good", "True", "Ready", "provider=a model=b", null)]
    public void Judge_PluginConfig_DecidesReadiness(string plugin, string status, string reason, string message, string? degraded)
    {
        var objects = TestManifests.Parse(Plugins).With($$"""
            kind: Model
            metadata: {name: m, namespace: shop}
            spec: {provider: a, model: b, pluginConfigRef: {name: "{{plugin}}"} }
            """);

        var conditions = ModelReconciler.Judge(objects.Get<Model>("m"), objects).Conditions;

        Assert.Equal(["Ready", "Degraded"], conditions.Select(condition => condition.Type));
        Assert.Equal((status, reason, message), (conditions[0].Status, conditions[0].Reason, conditions[0].Message));
        Assert.Equal(degraded, conditions[1].IsTrue ? conditions[1].Message : null);
    }
}
