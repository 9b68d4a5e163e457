using Portal.Operator.Api;
using Portal.Operator.PluginConfigs;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator.PluginConfigs;

public class PluginConfigReconcilerTests
{
    private const string Secret = """
        kind: Secret
        metadata: {name: s, namespace: shop}
        data: {A: Zm9v, B: Zm9v, EMPTY: ""}
        ---
        kind: Secret
        metadata: {name: aws, namespace: shop}
        data: {AWS_ACCESS_KEY_ID: Zm9v}
        ---
        kind: Secret
        metadata: {name: keys, namespace: shop}
        data: {GOOGLE_API_KEY: Zm9v, AWS_BEARER_TOKEN_BEDROCK: Zm9v}
        """;

    [Theory]
    [InlineData("credentialsRef: {name: ''}", "False", "InvalidSpec", "spec.credentialsRef.name is empty")]
    [InlineData("credentialsRef: {name: nope}", "False", "MissingDependency", "secret \"nope\" not found")]
    [InlineData("credentialsRef: {name: s}", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [A, B]", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [X]", "False", "MissingDependency", "secret \"s\" has no key \"X\"")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [X, Y]", "False", "MissingDependency", "secret \"s\" has no key \"X\", \"Y\"")]
    [InlineData("credentialsRef: {name: s}, credentialKeys: [EMPTY]", "False", "MissingDependency", "secret \"s\" has no key \"EMPTY\"")]
    [InlineData("credentialsRef: {name: s}, type: OpenAI", "False", "MissingDependency",
        "secret \"s\" has no key \"OPENAI_API_KEY\", which the provider \"OpenAI\" needs; add it, or name the Secret's own keys in spec.credentialKeys")]
    [InlineData("credentialsRef: {name: s}, type: googleai", "False", "MissingDependency",
        "secret \"s\" has no key \"GEMINI_API_KEY\" or \"GOOGLE_API_KEY\", which the provider \"googleai\" needs; add it, or name the Secret's own keys in spec.credentialKeys")]
    [InlineData("credentialsRef: {name: aws}, type: bedrock", "False", "MissingDependency",
        "secret \"aws\" has no key \"AWS_SECRET_ACCESS_KEY\" or \"AWS_BEARER_TOKEN_BEDROCK\", which the provider \"bedrock\" needs; " +
        "add it, or name the Secret's own keys in spec.credentialKeys")]
    [InlineData("credentialsRef: {name: keys}, type: googleai", "True", "Ready", "credentials secret \"keys\" present")]
    [InlineData("credentialsRef: {name: keys}, type: bedrock", "True", "Ready", "credentials secret \"keys\" present")]
    [InlineData("credentialsRef: {name: s}, type: vertexai", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, type: of-another-runner", "True", "Ready", "credentials secret \"s\" present")]
    [InlineData("credentialsRef: {name: s}, type: openai, credentialKeys: [A]", "True", "Ready", "credentials secret \"s\" present")]
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
            spec: { {{(spec.Contains("type:", StringComparison.Ordinal) ? spec : "type: demo, " + spec)}} }
            """);
        return PluginConfigReconciler.Judge(objects.Get<PluginConfig>("pc"), objects);
    }
}
