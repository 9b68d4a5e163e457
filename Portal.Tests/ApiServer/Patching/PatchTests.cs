using Portal.ApiServer.Patching;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.Patching;

public sealed class PatchTests
{
    [Theory]
    [InlineData("""{"data":{"k":"1","r":"x"}}""", """[{"op":"add","path":"/data/n","value":"n"},{"op":"replace","path":"/data/k","value":"2"},{"op":"remove","path":"/data/r"}]""", """{"data":{"k":"2","n":"n"}}""")]
    [InlineData("""{"l":["a","b"]}""", """[{"op":"add","path":"/l/-","value":"z"},{"op":"add","path":"/l/0","value":"first"},{"op":"remove","path":"/l/1"}]""", """{"l":["first","b","z"]}""")]
    [InlineData("""{"a/b":{"c~d":1}}""", """[{"op":"replace","path":"/a~1b/c~0d","value":2}]""", """{"a/b":{"c~d":2}}""")]
    [InlineData("""{"a":{}}""", """[{"op":"replace","path":"/a/missing","value":1}]""", """{"a":{"missing":1}}""")]
    [InlineData("""{"a":{"x":1},"b":[]}""", """[{"op":"copy","from":"/a/x","path":"/b/0"},{"op":"move","from":"/a/x","path":"/y"}]""", """{"a":{},"b":[1],"y":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/a","value":1},{"op":"test","path":"/none","value":null},{"op":"add","path":"/a","value":null}]""", """{"a":null}""")]
    public void JsonPatch_Operations_GiveTheResult(string document, string patch, string expected)
    {
        var source = JsonNode.Parse(document)!;

        var result = JsonPatch.Apply(source, JsonNode.Parse(patch));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result?.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(document), source));
    }

    [Theory]
    [InlineData("""{"op":"add"}""", true)]
    [InlineData("""[1]""", true)]
    [InlineData("""[{"op":"frobnicate","path":"/a"}]""", false)]
    [InlineData("""[{"op":"remove","path":"/zz"}]""", false)]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", false)]
    [InlineData("""[{"op":"add","path":"/l/9","value":1}]""", false)]
    [InlineData("""[{"op":"remove","path":"/l/-1"}]""", false)]
    [InlineData("""[{"op":"remove","path":"/l/00"}]""", false)]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", false)]
    [InlineData("""[{"op":"add","path":"a","value":2}]""", false)]
    [InlineData("""[{"op":"add","path":"/a"}]""", false)]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p"}]""", false)]
    public void JsonPatch_CannotApply_Throws(string patch, bool malformed)
    {
        var document = JsonNode.Parse("""{"a":1,"l":["x"],"o":{"p":{}}}""")!;

        Assert.Equal(malformed, Assert.Throws<PatchException>(() => JsonPatch.Apply(document, JsonNode.Parse(patch))).Malformed);
    }

    [Theory]
    [InlineData("/a", "", 150)]
    [InlineData("/l/-", "/l", 60)]
    public void JsonPatch_CopiesThatMultiply_AreRefused(string path, string from, int times)
    {
        var operations = new JsonArray([.. Enumerable.Range(0, times).Select(_ => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = from, ["path"] = path })]);
        var document = new JsonObject { ["l"] = new JsonArray(new string('x', 1000)), ["a"] = new JsonObject() };

        Assert.False(Assert.Throws<PatchException>(() => JsonPatch.Apply(document, operations)).Malformed);
    }

    [Fact]
    public void JsonPatch_NestingStepByStep_EndsAtTheLimit()
    {
        var path = "";
        var operations = new JsonArray();
        for (var i = 0; i < 2000; i++)
        {
            path += "/a";
            operations.Add(new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = new JsonObject() });
        }

        Assert.Contains("nested deeper", Assert.Throws<PatchException>(() => JsonPatch.Apply(new JsonObject(), operations)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"b":1,"c":2},"l":[1,2]}""", """{"a":{"b":null,"d":{"e":null,"f":1}},"l":[3]}""", """{"a":{"c":2,"d":{"f":1}},"l":[3]}""")]
    [InlineData("""{"a":1}""", """{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    public void MergePatch_Objects_Merge(string document, string patch, string expected)
    {
        var result = MergePatch.Apply((JsonObject)JsonNode.Parse(document)!, JsonNode.Parse(patch));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result.ToJsonString());
    }

    [Fact]
    public void MergePatch_NoObject_Throws() => Assert.True(Assert.Throws<PatchException>(() => MergePatch.Apply([], JsonNode.Parse("[1]"))).Malformed);

    public static TheoryData<string, string, string> Strategic { get; } = new()
    {
        // A new item alone goes first; beside a known one it goes after it.
        { """{"containers":[{"name":"a"}]}""", """{"containers":[{"name":"n"}]}""", """{"containers":[{"name":"n"},{"name":"a"}]}""" },
        { """{"containers":[{"name":"a"},{"name":"b","image":"1"}]}""", """{"containers":[{"name":"b","image":"2"},{"name":"n"}]}""", """{"containers":[{"name":"a"},{"name":"b","image":"2"},{"name":"n"}]}""" },
        { """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"3"}]}""", """{"containers":[{"name":"b","image":"3"},{"name":"a"}]}""" },
        { """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}""" },
        { """{"containers":[{"name":"a","env":[{"name":"A"},{"name":"B"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"A","$patch":"delete"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"B"}]}]}""" },
        { """{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"$patch":"replace"},{"name":"only"}]}""", """{"containers":[{"name":"only"}]}""" },
        { """{"nodeSelector":{"a":"1","b":"2"}}""", """{"nodeSelector":{"$patch":"replace","c":"3"}}""", """{"nodeSelector":{"c":"3"}}""" },
        { """{"nodeSelector":{"a":"1","b":"2"}}""", """{"nodeSelector":{"a":null,"c":"3"}}""", """{"nodeSelector":{"b":"2","c":"3"}}""" },
        { """{"affinity":{"nodeAffinity":{}},"hostname":"x"}""", """{"affinity":{"$patch":"delete"}}""", """{"hostname":"x"}""" },
        { """{"volumes":[{"name":"v","emptyDir":{}}]}""", """{"volumes":[{"name":"v","$retainKeys":["name","configMap"],"configMap":{"name":"c"}}]}""", """{"volumes":[{"name":"v","configMap":{"name":"c"}}]}""" },
        { """{"tolerations":[{"key":"a"}]}""", """{"tolerations":[{"key":"b"}]}""", """{"tolerations":[{"key":"b"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Strategic))]
    public void StrategicMergePatch_PodSpec_MergesByKey(string spec, string patch, string expected)
    {
        var result = StrategicMergePatch.Apply(
            new JsonObject { ["spec"] = JsonNode.Parse(spec) }, new JsonObject { ["spec"] = JsonNode.Parse(patch) }, BuiltInSchemas.Get(BuiltIn.Pod));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result["spec"]), result.ToJsonString());
    }

    [Theory]
    [InlineData("""{"finalizers":["b"]}""", """["b","a"]""")]
    [InlineData("""{"finalizers":["a"]}""", """["a"]""")]
    [InlineData("""{"$deleteFromPrimitiveList/finalizers":["a"]}""", "[]")]
    public void StrategicMergePatch_Finalizers_MergeAsSet(string patch, string expected)
    {
        var result = StrategicMergePatch.Apply(
            (JsonObject)JsonNode.Parse("""{"metadata":{"finalizers":["a"]}}""")!, new JsonObject { ["metadata"] = JsonNode.Parse(patch) },
            BuiltInSchemas.Get(BuiltIn.ConfigMap));

        Assert.Equal(expected, result["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "merge key: name")]
    [InlineData("""{"spec":{"$patch":"frob"}}""", "$patch")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "containers")]
    [InlineData("""[]""", "object")]
    public void StrategicMergePatch_WrongPatch_NamesTheMistake(string patch, string part)
    {
        var document = (JsonObject)JsonNode.Parse("""{"spec":{"containers":[{"name":"a"}]}}""")!;

        var error = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(document, JsonNode.Parse(patch), BuiltInSchemas.Get(BuiltIn.Pod)));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
