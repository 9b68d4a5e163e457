using Portal.Operator.Api;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.PluginConfigs;

public class PluginConfigReconcilerTests
{
    private const string Secret = """
        kind: Secret
        metadata: {name: s, namespace: shop}
        data: {A: Zm9v, B: Zm9v}
        """;

    [Theory]
    [InlineData("credentialsRef: {name: ''}", "False", "InvalidSpec", "spec.credentialsRef.name is empty")]
    [InlineData("credentialsRef: {name: nope}", "False", "MissingDependency", "secret \"nope\" not found")]
    [InlineData("credentialsRef: {name: s}", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [A, B]", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [X]", "False", "MissingDependency", "secret \"s\" has no key \"X\"")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [X, Y]", "False", "MissingDependency", "secret \"s\" has no key \"X\", \"Y\"")]
    public void Judge_Spec_SaysWhetherCredentialsAreThere(string spec, string status, string reason, string message)
    {
        var verdict = Judge(spec);

        var ready = verdict.Conditions.Single();
        Assert.Equal((ConditionTypes.Ready, status, reason, message), (ready.Type, ready.Status, ready.Reason, ready.Message));
    }

    [Fact]
    public void Judge_OneOfTwoKeysIsThere_IsReadyAndNamesTheOther()
    {
        var verdict = Judge("credentialsRef: {name: s}, credentialKeys: [A, X]");

        Assert.True(verdict.Conditions[0].IsTrue);
        Assert.Equal((ConditionTypes.Valid, "False", "secret \"s\" has no key \"X\""),
            (verdict.Conditions[1].Type, verdict.Conditions[1].Status, verdict.Conditions[1].Message));
    }

    private static Verdict<PluginConfigStatus> Judge(string spec)
    {
        var objects = TestManifests.Parse(Secret).With($$"""
            kind: PluginConfig
            metadata: {name: pc, namespace: shop}
            spec: {type: demo, {{spec}}}
            """);
        return PluginConfigReconciler.Judge(objects.Get<PluginConfig>("pc"), objects);
    }
}
