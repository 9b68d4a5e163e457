using Portal.Tests.Helm.Chart;
using Portal.Tests.Helm.Template;

namespace Portal.Tests.Helm;

/// <summary>Values that cannot be meant are refused by name: by the schema, or by the chart where a schema cannot say it.</summary>
public sealed class ChartRefusalTests
{
    [Theory]
    [InlineData("ingress: {enabled: true}", "ingress.enabled needs a sign-in")]
    [InlineData("auth: {oidc: {a: {authority: https://a.example, clientId: b}}}", "auth.publicUrl is needed")]
    [InlineData("auth: {roles: [{group: g, role: Admin, namespaces: ['*']}]}", "auth.roles needs a sign-in")]
    [InlineData("persistence: {enabled: false, existingClaim: mine}", "persistence.existingClaim is set")]
    [InlineData("serviceAccount: {create: false}", "serviceAccount.name is needed")]
    [InlineData("operator: {namespaces: [shop]}", "operator.namespaces needs operator.separate")]
    [InlineData("operator: {separate: true, leaderElection: false}", "operator.replicas above 1 needs operator.leaderElection")]
    [InlineData("portal: {replicas: 2}", "portal.replicas above 1 needs database.existingSecret")]
    [InlineData("portal: {replicas: -1}", ".portal.replicas: -1 is out of range")]
    [InlineData("database: {connectionString: Host=db}", ".database.connectionString: there is no such value")]
    [InlineData("database: {existingSecret: mine, key: ''}", ".database.key: must not be empty")]
    [InlineData("operator: {enabled: false}\nportal: {enabled: false}", "nothing is left to install")]
    [InlineData("operator: {separate: true, namespaces: [Shop]}", ".operator.namespaces[0]: \"Shop\" does not match")]
    [InlineData("operator: {workers: 0}", ".operator.workers: 0 is out of range")]
    [InlineData("ingres: {enabled: true}", ".ingres: there is no such value")]
    [InlineData("ingress: {enable: true}", ".ingress.enable: there is no such value")]
    [InlineData("ingress: {enabled: 'yes'}", ".ingress.enabled: must be boolean")]
    [InlineData("image: {pullPolicy: Sometimes}", ".image.pullPolicy: must be one of")]
    [InlineData("image: {digest: abc}", ".image.digest: \"abc\" does not match")]
    [InlineData("service: {port: 70000}", ".service.port: 70000 is out of range")]
    [InlineData("persistence: {size: 5}", ".persistence.size: must be string")]
    [InlineData("persistence: {size: large}", ".persistence.size: \"large\" does not match")]
    [InlineData("auth: {publicUrl: portal.example.com}", ".auth.publicUrl: \"portal.example.com\" does not match")]
    [InlineData("auth: {oidc: {a: {clientId: b}}}", ".auth.oidc.a: authority is required")]
    [InlineData("auth: {oidc: {A: {authority: https://a.example, clientId: b}}}", ".auth.oidc.A: there is no such value")]
    [InlineData("auth: {oidc: {a: {authority: https://a.example, clientId: b, clientSecret: secret}}}", ".auth.oidc.a.clientSecret: must be object")]
    [InlineData("auth: {roles: [{group: g, role: Boss, namespaces: ['*']}]}", ".auth.roles[0].role: must be one of")]
    [InlineData("usage: {retentionDays: 0}", ".usage.retentionDays: 0 is out of range")]
    [InlineData("podDisruptionBudget: {maxUnavailable: 2}", ".podDisruptionBudget.maxUnavailable: 2 is out of range")]
    [InlineData("logLevel: Loud", ".logLevel: must be one of")]
    public void Render_Mistake_IsRefusedByName(string values, string expected) =>
        Assert.Contains(expected, Assert.Throws<TemplateException>(() => HelmChart.Instance.Render(values)).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_EachOfTheSchema_HasADefault()
    {
        static IEnumerable<string> Missing(JsonObject schema, JsonNode? value, string path) => schema["properties"] is not JsonObject
            ? value is null ? [path] : []
            : ValuesSchema.Children(schema).Where(child => child.Name is not ("*" or "[]")).SelectMany(child => Missing(child.Schema, value?[child.Name], $"{path}.{child.Name}"));

        Assert.Equal([".global"], Missing(ValuesSchema.Instance.Root, HelmChart.Instance.Values, ""));
    }
}
