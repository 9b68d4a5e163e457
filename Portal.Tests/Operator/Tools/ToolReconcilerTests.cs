using Portal.Operator.Tools;

namespace Portal.Tests.Operator.Tools;

public class ToolReconcilerTests
{
    private const string Flow = """
        kind: Flow
        metadata: {name: billing, namespace: shop}
        """;

    [Theory]
    [InlineData("{}", "http: {url: 'https://t.test/w'}", "True", "tool implementation resolved to HTTP https://t.test/w", "HTTP https://t.test/w")]
    [InlineData("{}", "flowRef: {name: billing}", "True", "tool implementation resolved to Flow/billing", "Flow/billing")]
    [InlineData("{}", "flowRef: {name: gone}", "False", "flow \"gone\" not found", null)]
    [InlineData("{}", "flowRef: {name: ''}", "False", "spec.implementation must set exactly one of flowRef or http", null)]
    [InlineData("{}", "flowRef: {name: billing}, http: {url: u}", "False",
        "exactly one of spec.implementation.flowRef or spec.implementation.http must be set, not both", null)]
    [InlineData("text", "http: {url: u}", "False", "spec.definition must be a JSON object with name, description and inputSchema", null)]
    public void Judge_Implementation_SaysWhoAnswers(string definition, string implementation, string status, string message, string? target)
    {
        var objects = TestManifests.Parse(Flow).With($$"""
            kind: Tool
            metadata: {name: t, namespace: shop}
            spec: {definition: {{definition}}, implementation: { {{implementation}} } }
            """);

        var verdict = ToolReconciler.Judge(objects.Get<Tool>("t"), objects);

        var ready = verdict.Conditions.Single();
        Assert.Equal((status, message, target), (ready.Status, ready.Message, verdict.Status.ResolvedTarget));
    }
}
