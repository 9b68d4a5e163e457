using System.Net;

namespace Portal.Tests.ApiServer.Schemas.Cel;

public sealed class CelValidationTests
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    public async Task Update_AgainstATransitionRule_IsInvalidWithTheExpressionsMessage()
    {
        await using var api = await StartAsync("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "count":{"type":"integer","x-kubernetes-validations":[{"rule":"self >= oldSelf","messageExpression":"'may not go below ' + string(oldSelf)"}]}}}}}
            """);
        await api.SendAsync("POST", TestApi.Things, TestApi.Thing("a", new JsonObject { ["count"] = 5 }), HttpStatusCode.Created);

        await api.MergeAsync(TestApi.Things + "/a", Spec("count", 6));
        var refused = await api.MergeAsync(TestApi.Things + "/a", Spec("count", 4), HttpStatusCode.UnprocessableEntity);

        var cause = Assert.Single(refused["details"]!["causes"]!.AsArray())!;
        Assert.Equal("spec.count", cause["field"]!.ToString());
        Assert.Equal("Invalid value: 4: may not go below 6", cause["message"]!.ToString());
    }

    [Fact]
    public async Task Update_OfItemsOfAMapList_ComparesThemByKey()
    {
        await using var api = await StartAsync("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],"items":{"type":"object","required":["name"],
                "properties":{"name":{"type":"string"},"port":{"type":"integer","x-kubernetes-validations":[{"rule":"self == oldSelf","message":"is immutable"}]}}}}}}}}
            """);
        static JsonObject Ports(string text) => new() { ["spec"] = new JsonObject { ["ports"] = JsonNode.Parse(text) } };
        var thing = TestApi.Thing("a");
        thing["spec"] = JsonNode.Parse("""{"ports":[{"name":"x","port":1},{"name":"y","port":2}]}""");
        await api.SendAsync("POST", TestApi.Things, thing, HttpStatusCode.Created);

        await api.MergeAsync(TestApi.Things + "/a", Ports("""[{"name":"z","port":9},{"name":"y","port":2},{"name":"x","port":1}]"""));
        var refused = await api.MergeAsync(
            TestApi.Things + "/a", Ports("""[{"name":"y","port":2},{"name":"x","port":3}]"""), HttpStatusCode.UnprocessableEntity);

        Assert.Equal("spec.ports[1].port", refused["details"]!["causes"]![0]!["field"]!.ToString());
    }

    [Fact]
    public async Task Update_ThatLeavesAWrongValueAlone_Succeeds()
    {
        await using var api = await StartAsync("""{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}}""");
        var thing = TestApi.Thing("a");
        thing["spec"] = JsonNode.Parse("""{"a":"bad"}""");
        await api.SendAsync("POST", TestApi.Things, thing, HttpStatusCode.Created);
        await api.MergeAsync(Definitions + "/things.test.example.org", new JsonObject
        {
            ["spec"] = Definition("""
                {"type":"object","properties":{"spec":{"type":"object","properties":{"b":{"type":"string"},
                  "a":{"type":"string","x-kubernetes-validations":[{"rule":"self != 'bad'"}]}}}}}
                """)["spec"]!.DeepClone(),
        });

        await api.MergeAsync(TestApi.Things + "/a", Spec("b", "new"));

        await api.MergeAsync(TestApi.Things + "/a", Spec("a", "good"));
        var refused = await api.MergeAsync(TestApi.Things + "/a", Spec("a", "bad"), HttpStatusCode.UnprocessableEntity);
        Assert.Contains("failed rule: self != 'bad'", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_UnderAnOptionalOldSelf_EvaluatesTheRule()
    {
        await using var api = await StartAsync("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{
              "phase":{"type":"string","x-kubernetes-validations":[{"rule":"oldSelf.hasValue() || self == 'new'","optionalOldSelf":true,"message":"begins as new","reason":"FieldValueForbidden"}]}}}}}
            """);
        var refused = await api.SendAsync("POST", TestApi.Things, TestApi.Thing("a", new JsonObject { ["phase"] = "old" }), HttpStatusCode.UnprocessableEntity);
        Assert.Equal("FieldValueForbidden", refused["details"]!["causes"]![0]!["reason"]!.ToString());

        await api.SendAsync("POST", TestApi.Things, TestApi.Thing("a", new JsonObject { ["phase"] = "new" }), HttpStatusCode.Created);
        await api.MergeAsync(TestApi.Things + "/a", Spec("phase", "old"));
    }

    [Fact]
    public async Task Create_OfARule_ThatReadsTheObjectsName_SeesIt()
    {
        await using var api = await StartAsync("""{"type":"object","x-kubernetes-validations":[{"rule":"self.metadata.name.startsWith('t-') && self.kind == 'Thing'","fieldPath":".spec.size"}],"properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}}}}}""");

        await api.SendAsync("POST", TestApi.Things, TestApi.Thing("t-1"), HttpStatusCode.Created);
        var refused = await api.SendAsync("POST", TestApi.Things, TestApi.Thing("x"), HttpStatusCode.UnprocessableEntity);

        Assert.Equal("spec.size", refused["details"]!["causes"]![0]!["field"]!.ToString());
    }

    [Fact]
    public async Task Create_UnderARunawayRule_IsRefusedForItsCost()
    {
        await using var api = await StartAsync("""
            {"type":"object","properties":{"spec":{"type":"object","properties":{"names":{"type":"array","items":{"type":"string"},
              "x-kubernetes-validations":[{"rule":"self.all(a, self.all(b, self.all(c, a + b + c != '')))"}]}}}}}
            """);
        var names = new JsonArray([.. Enumerable.Range(0, 2_000).Select(number => (JsonNode)$"n{number}")]);

        var refused = await api.SendAsync("POST", TestApi.Things, TestApi.Thing("a", new JsonObject { ["names"] = names }), HttpStatusCode.UnprocessableEntity);

        Assert.Contains("cost budget", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"rule":"self.nosuch == 1"}""", "rule", "undefined field 'nosuch'")]
    [InlineData("""{"rule":"self.size =="}""", "rule", "Syntax error")]
    [InlineData("""{"rule":"self.size"}""", "rule", "must evaluate to bool")]
    [InlineData("""{"rule":""}""", "rule", "must not be empty")]
    [InlineData("""{"message":"m"}""", "rule", "rule is not specified")]
    [InlineData("""{"rule":"true","messageExpression":"1"}""", "messageExpression", "must evaluate to string")]
    [InlineData("""{"rule":"true","message":"a\nb"}""", "message", "line breaks")]
    [InlineData("""{"rule":"true","reason":"Other"}""", "reason", "Unsupported value")]
    [InlineData("""{"rule":"true","fieldPath":".nosuch"}""", "fieldPath", "JSONPath")]
    public async Task Create_OfADefinitionWithABadRule_NamesItsPath(string rule, string field, string message)
    {
        await using var api = await TestApi.StartAsync();
        var schema = """{"type":"object","properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"}},"x-kubernetes-validations":[RULE]}}}""";

        var refused = await api.SendAsync(
            "POST", Definitions, Definition(schema.Replace("RULE", rule, StringComparison.Ordinal)), HttpStatusCode.UnprocessableEntity);

        var cause = refused["details"]!["causes"]![0]!;
        Assert.Equal($"spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].{field}", cause["field"]!.ToString());
        Assert.Contains(message, cause["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_OfADefinitionWithATransitionRuleInAPlainList_IsInvalid()
    {
        await using var api = await TestApi.StartAsync();

        var refused = await api.SendAsync(
            "POST",
            Definitions,
            Definition("""{"type":"object","properties":{"spec":{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}}"""),
            HttpStatusCode.UnprocessableEntity);

        Assert.Contains("oldSelf cannot be used", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    private static async Task<TestApi> StartAsync(string schema)
    {
        var api = await TestApi.StartAsync();
        await api.SendAsync("POST", Definitions, Definition(schema), HttpStatusCode.Created);
        return api;
    }

    private static JsonObject Definition(string schema)
    {
        var definition = TestApi.ThingDefinition();
        var version = (JsonObject)definition["spec"]!["versions"]![0]!;
        version.Remove("subresources");
        version["schema"]!["openAPIV3Schema"] = JsonNode.Parse(schema);
        return definition;
    }

    private static JsonObject Spec(string field, JsonNode value) => new() { ["spec"] = new JsonObject { [field] = value } };
}
