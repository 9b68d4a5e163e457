using System.Text;
using Portal.ApiServer.Schemas;

namespace Portal.Tests.ApiServer.Schemas;

public sealed class SchemaTests
{
    private static readonly StructuralSchema s_widget = StructuralSchema.ForCustomResource((JsonObject)JsonNode.Parse("""
        {"type":"object","properties":{"spec":{"type":"object","required":["size"],"properties":{
          "size":{"type":"integer","format":"int32","minimum":1,"maximum":10},
          "mode":{"type":"string","enum":["auto","off"],"default":"auto"},
          "code":{"type":"string","pattern":"^[a-z]{3}$"},
          "title":{"type":"string","minLength":2,"maxLength":4},
          "note":{"type":"string","nullable":true},
          "ratio":{"type":"number","minimum":0,"exclusiveMinimum":true},
          "step":{"type":"integer","multipleOf":5},
          "port":{"x-kubernetes-int-or-string":true},
          "when":{"type":"string","format":"date-time"},
          "config":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
          "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "pair":{"type":"array","minItems":2,"maxItems":2,"items":{"type":"string"}},
          "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
            "items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"}}}},
          "attrs":{"type":"object","maxProperties":1,"additionalProperties":{"type":"string"}},
          "nested":{"type":"object","properties":{"inner":{"type":"object","default":{},"properties":{"flag":{"type":"boolean","default":false}}}}},
          "template":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
          "choice":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}
        }}}}
        """)!);

    public static TheoryData<string, string> Invalid { get; } = new()
    {
        { """{}""", "spec.size: Required value" },
        { """{"size":"1"}""", "spec.size: Invalid value: \"string\": spec.size in body must be of type integer: \"string\"" },
        { """{"size":0}""", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1" },
        { """{"size":11}""", "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10" },
        { """{"size":1,"mode":"on"}""", "spec.mode: Unsupported value: \"on\": supported values: \"auto\", \"off\"" },
        { """{"size":1,"code":"abcd"}""", "spec.code: Invalid value: \"abcd\": spec.code in body should match '^[a-z]{3}$'" },
        { """{"size":1,"code":"abc\n"}""", "spec.code: Invalid value: \"abc\\n\": spec.code in body should match '^[a-z]{3}$'" },
        { """{"size":1,"title":"x"}""", "spec.title: Invalid value: \"x\": spec.title in body should be at least 2 chars long" },
        { """{"size":1,"title":"xxxxx"}""", "spec.title: Too long: may not be more than 4 bytes" },
        { """{"size":1,"title":null}""", "spec.title: Invalid value: \"null\": spec.title in body must be of type string: \"null\"" },
        { """{"size":1,"ratio":0}""", "spec.ratio: Invalid value: 0: spec.ratio in body should be greater than 0" },
        { """{"size":1,"step":7}""", "spec.step: Invalid value: 7: spec.step in body should be a multiple of 5" },
        { """{"size":1,"port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"" },
        { """{"size":1,"when":"yesterday"}""", "spec.when: Invalid value: \"yesterday\": spec.when in body must be of type date-time: \"yesterday\"" },
        { """{"size":1,"tags":["x","x"]}""", "spec.tags[1]: Duplicate value: \"x\"" },
        { """{"size":1,"pair":["x"]}""", "spec.pair: Invalid value: 1: spec.pair in body should have at least 2 items" },
        { """{"size":1,"pair":["x","y","z"]}""", "spec.pair: Too many: 3: must have at most 2 items" },
        { """{"size":1,"ports":[{"port":1},{"port":1,"protocol":"TCP"}]}""", "spec.ports[1]: Duplicate value: {\"port\":1,\"protocol\":\"TCP\"}" },
        { """{"size":1,"attrs":{"a":"","b":""}}""", "spec.attrs: Too many: 2: must have at most 1 items" },
        { """{"size":1,"attrs":{"a":1}}""", "spec.attrs.a: Invalid value: \"integer\": spec.attrs.a in body must be of type string: \"integer\"" },
        { """{"size":1,"template":{"kind":"X"}}""", "spec.template.apiVersion: Required value: must not be empty" },
        { """{"size":1,"choice":{"a":"1","b":"2"}}""", "<nil>: Invalid value: \"\": \"spec.choice\" must validate one and only one schema (oneOf). Found 2 valid alternatives" },
        { """{"size":1.5}""", "spec.size: Invalid value: \"float64\": spec.size in body must be of type int32: \"float64\"" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Validate_WrongSpec_NamesFieldInUpstreamsWords(string spec, string error)
    {
        var errors = SchemaValidator.Validate(Widget(spec), s_widget);

        Assert.Contains(error, errors.Select(found => found.ToString()));
    }

    [Theory]
    [InlineData("""{"size":1}""")]
    [InlineData("""{"size":10,"title":"äöüß","note":null,"port":"http","when":"2024-05-01T10:00:00.5+02:00"}""")]
    [InlineData("""{"size":1,"config":{"any":[1,{"x":null}]},"tags":["a","b"],"choice":{"b":"x"},"ports":[{"port":1},{"port":1,"protocol":"UDP"}]}""")]
    public void Validate_RightSpec_HasNoErrors(string spec) => Assert.Empty(SchemaValidator.Validate(Widget(spec), s_widget));

    [Fact]
    public void Validate_OldMistakeLeftAlone_IsNotReportedAgain()
    {
        var old = Widget("""{"size":99,"mode":"auto"}""");
        var touched = Widget("""{"size":99,"mode":"off"}""");

        Assert.Empty(SchemaValidator.Validate(touched, s_widget, old));
        Assert.Single(SchemaValidator.Validate(Widget("""{"size":98}"""), s_widget, old));
    }

    [Fact]
    public void Prune_UnknownFieldsAtEveryDepth_AreRemovedAndNamed()
    {
        var widget = Widget("""{"size":1,"x":1,"ports":[{"port":1,"z":2}],"config":{"free":1},"template":{"kind":"K","apiVersion":"v1","metadata":{"name":"n","odd":1}}}""");
        widget["top"] = 1;
        widget["metadata"]!["nosuch"] = "x";

        var unknown = SchemaPruner.Prune(widget, s_widget);

        Assert.Equal(
            ["metadata.nosuch", "spec.ports[0].z", "spec.template.metadata.odd", "spec.x", "top"],
            unknown.Order(StringComparer.Ordinal));
        AssertJson("""{"size":1,"ports":[{"port":1}],"config":{"free":1},"template":{"kind":"K","apiVersion":"v1","metadata":{"name":"n"}}}""", widget["spec"]);
    }

    [Theory]
    [InlineData("""{"size":1}""", """{"size":1,"mode":"auto"}""")]
    [InlineData("""{"size":1,"mode":null,"title":null,"note":null}""", """{"size":1,"note":null,"mode":"auto"}""")]
    [InlineData("""{"nested":{}}""", """{"nested":{"inner":{"flag":false}},"mode":"auto"}""")]
    [InlineData("""{"ports":[{"port":1}]}""", """{"ports":[{"port":1,"protocol":"TCP"}],"mode":"auto"}""")]
    public void Apply_SparseSpec_FillsDefaultsUnderExistingParents(string spec, string expected)
    {
        var widget = Widget(spec);

        Assert.True(SchemaDefaulter.Apply(widget, s_widget));
        AssertJson(expected, widget["spec"]);
        Assert.False(SchemaDefaulter.Apply(widget, s_widget));
    }

    [Fact]
    public void Apply_NullKept_IsLeftForValidation()
    {
        var widget = Widget("""{"size":1,"title":null}""");

        SchemaDefaulter.Apply(widget, s_widget, dropNulls: false);

        Assert.True(((JsonObject)widget["spec"]!).ContainsKey("title"));
    }

    [Fact]
    public void Apply_NoSpec_AddsNone()
    {
        var widget = (JsonObject)JsonNode.Parse("""{"apiVersion":"e/v1","kind":"Widget","metadata":{"name":"a"},"spec":null}""")!;

        SchemaDefaulter.Apply(widget, s_widget);

        Assert.False(widget.ContainsKey("spec"));
    }

    [Theory]
    [InlineData("""{"a":{"$ref":"#/x"}}""")]
    [InlineData("""{"a":{"type":"text"}}""")]
    [InlineData("""{"a":{"type":"string","pattern":"("}}""")]
    [InlineData("""{"a":{"type":"array"}}""")]
    [InlineData("""{"a":{"type":"array","items":{"type":"string"},"x-kubernetes-list-type":"map"}}""")]
    [InlineData("""{"a":7}""")]
    [InlineData("""{"a":{"type":"string","maxLength":-1}}""")]
    public void Parse_NotStructural_NamesThePath(string properties)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = JsonNode.Parse(properties) };

        Assert.Contains("properties[a]", Assert.Throws<SchemaException>(() => StructuralSchema.Parse(schema)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectJson_RepeatedKeys_LastWinsAndIsNamed()
    {
        var duplicates = new List<string>();

        var node = ObjectJson.Parse("""{"spec":{"size":1,"size":2,"l":[{"a":1,"a":2}]}}"""u8, duplicates);

        Assert.Equal(["spec.size", "spec.l[0].a"], duplicates);
        AssertJson("""{"spec":{"size":2,"l":[{"a":2}]}}""", node);
    }

    [Fact]
    public void ObjectJson_Numbers_StayExact() =>
        Assert.Equal(
            """{"big":9007199254740993,"exp":1000,"f":1.5,"neg":-0.25}""",
            ObjectJson.Parse("""{"big":9007199254740993,"exp":1e3,"f":1.5,"neg":-0.25}"""u8, [])!.ToJsonString());

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} x")]
    [InlineData("{\"a\":1e999}")]
    public void ObjectJson_NotJson_Throws(string text) =>
        Assert.ThrowsAny<JsonException>(() => ObjectJson.Parse(Encoding.UTF8.GetBytes(text), []));

    [Fact]
    public void ObjectJson_TooDeep_Throws() =>
        Assert.ThrowsAny<JsonException>(() => ObjectJson.Parse(Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000)), []));

    [Fact]
    public void Problems_DuplicatesComeFirst_UnknownSortedForCustomResources()
    {
        Assert.Equal(
            ["duplicate field \"spec.size\"", "unknown field \"extra\"", "unknown field \"spec.nosuch\""],
            FieldValidation.Problems(["spec.size"], ["spec.nosuch", "extra"], customResource: true));
        Assert.Equal("299 - \"unknown field \\\"x\\\"\"", FieldValidation.WarningHeader("unknown field \"x\""));
    }

    private static JsonObject Widget(string spec) => new()
    {
        ["apiVersion"] = "e/v1",
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = "a" },
        ["spec"] = JsonNode.Parse(spec),
    };

    internal static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}\nactual   {actual?.ToJsonString()}");
}
