using Portal.ApiServer.Tables;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.Tables;

public sealed class TableTests
{
    private static readonly DateTimeOffset s_now = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(303, "5m3s")]
    [InlineData(3600, "60m")]
    [InlineData(10800, "3h")]
    [InlineData(10860, "3h1m")]
    [InlineData(100000, "27h")]
    [InlineData(180000, "2d2h")]
    [InlineData(864000, "10d")]
    [InlineData(63072000, "2y")]
    [InlineData(64800000, "2y20d")]
    [InlineData(283824000, "9y")]
    public void HumanDuration_Of_IsWrittenAsTheServerDoes(long seconds, string expected) =>
        Assert.Equal(expected, HumanDuration.Of(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(".spec.mode", """["auto"]""")]
    [InlineData("$.spec.mode", """["auto"]""")]
    [InlineData("{.spec.mode}", """["auto"]""")]
    [InlineData("spec.mode", """["auto"]""")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", """["True"]""")]
    [InlineData(".status.conditions[?(@.type=='Ready')].status", """["True"]""")]
    [InlineData(".status.conditions[?(@.type!=\"Ready\")].type", """["Synced"]""")]
    [InlineData(".status.conditions[*].type", """["Synced","Ready"]""")]
    [InlineData(".status.conditions[-1].type", """["Ready"]""")]
    [InlineData(".status.conditions[5].type", "[]")]
    [InlineData(".metadata.annotations.example\\.org/a", """["x"]""")]
    [InlineData(".metadata.annotations['example.org/a']", """["x"]""")]
    [InlineData(".spec.none.more", "[]")]
    public void JsonPath_Find_GivesValues(string path, string expected)
    {
        var target = JsonNode.Parse("""
            {"metadata":{"annotations":{"example.org/a":"x"}},"spec":{"mode":"auto"},"status":{"conditions":[{"type":"Synced","status":"False"},{"type":"Ready","status":"True"}]}}
            """);

        Assert.Equal(expected, new JsonArray([.. JsonPath.Parse(path).Find(target).Select(node => node?.DeepClone())]).ToJsonString());
    }

    [Theory]
    [InlineData(".a[")]
    [InlineData(".a[?(x)]")]
    [InlineData(".a..b")]
    [InlineData(".a[x]")]
    public void JsonPath_OutsideTheSubset_Throws(string path) => Assert.Throws<FormatException>(() => JsonPath.Parse(path));

    [Fact]
    public void ToTable_PrinterColumns_FillCellsAndLeaveNull()
    {
        var converter = TableConverter.ForCustomResource((JsonArray)JsonNode.Parse("""
            [{"name":"Mode","type":"string","jsonPath":".spec.mode"},{"name":"Size","type":"integer","jsonPath":".spec.size","description":"How big"},
             {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},{"name":"Started","type":"date","jsonPath":".spec.when"},
             {"name":"Config","type":"string","jsonPath":".spec.config","priority":1},{"name":"Wrong","type":"integer","jsonPath":".spec.mode"}]
            """)!);
        var widget = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"a","resourceVersion":"5"},"spec":{"mode":"auto","size":3,"when":"2024-05-01T11:59:00Z","config":{"x":1}}}""")!;

        var table = converter.ToTable([widget], new JsonObject { ["resourceVersion"] = "7", ["name"] = "no" }, IncludeObject.Metadata, s_now);

        Assert.Equal("""["a","auto",3,null,"60s","{\u0022x\u0022:1}",null]""", table["rows"]![0]!["cells"]!.ToJsonString());
        Assert.Equal("""{"resourceVersion":"7"}""", table["metadata"]!.ToJsonString());
        Assert.Equal("PartialObjectMetadata", table["rows"]![0]!["object"]!["kind"]!.ToString());
        Assert.Equal("How big", table["columnDefinitions"]![2]!["description"]!.ToString());
        Assert.Equal(1, table["columnDefinitions"]![5]!["priority"]!.GetValue<int>());
    }

    [Fact]
    public void ToTable_LaterWatchEvent_HasNullColumnsAndObjectWhenNotWanted()
    {
        var table = TableConverter.ForCustomResource(null).ToTable(
            [new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" } }], null, IncludeObject.None, s_now, withColumns: false);

        Assert.True(table.ContainsKey("columnDefinitions"));
        Assert.Null(table["columnDefinitions"]);
        Assert.Equal("""[{"cells":["a","\u003Cunknown\u003E"],"object":null}]""", table["rows"]!.ToJsonString());
    }

    public static TheoryData<string, string, string> Rows { get; } = new()
    {
        { "ConfigMap", """{"data":{"x":"1","y":"2"},"binaryData":{"z":""}}""", "n|3|60m" },
        { "Secret", """{"type":"Opaque","data":{"x":""}}""", "n|Opaque|1|60m" },
        { "Namespace", """{"status":{"phase":"Active"}}""", "n|Active|60m" },
        { "Service", """{"spec":{"type":"ClusterIP","clusterIP":"10.0.0.1","ports":[{"port":80,"protocol":"TCP"},{"port":81,"nodePort":30000,"protocol":"UDP"}],"selector":{"b":"2","a":"1"}}}""", "n|ClusterIP|10.0.0.1|<none>|80/TCP,81:30000/UDP|60m|a=1,b=2" },
        { "Deployment", """{"spec":{"replicas":2,"selector":{"matchLabels":{"a":"b"}},"template":{"spec":{"containers":[{"name":"m","image":"i"}]}}},"status":{"readyReplicas":1,"updatedReplicas":2,"availableReplicas":1}}""", "n|1/2|2|1|60m|m|i|a=b" },
        { "Pod", """{"spec":{"containers":[{"name":"m"}]},"status":{"phase":"Running","podIP":"127.0.0.1","containerStatuses":[{"name":"m","ready":true,"restartCount":2}]}}""", "n|1/1|Running|2|60m|127.0.0.1|<none>|<none>|<none>" },
        { "Pod", """{"spec":{"containers":[{"name":"m"}]},"status":{"phase":"Running","containerStatuses":[{"name":"m","ready":false,"restartCount":0,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""", "n|0/1|CrashLoopBackOff|0|60m|<none>|<none>|<none>|<none>" },
        { "Event", """{"involvedObject":{"kind":"Widget","name":"w1"},"reason":"Tested","message":"it happened\n","type":"Normal","count":3,"source":{"component":"conf"}}""", "<unknown>|Normal|Tested|widget/w1||conf|it happened|<unknown>|3|n" },
        { "CustomResourceDefinition", "{}", "n|2024-05-01T11:00:00Z" },
        { "Lease", """{"spec":{"holderIdentity":"me"}}""", "n|me|60m" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void ToTable_BuiltIn_FillsItsColumns(string kind, string content, string expected)
    {
        var target = (JsonObject)JsonNode.Parse(content)!;
        target["metadata"] = new JsonObject { ["name"] = "n", ["creationTimestamp"] = "2024-05-01T11:00:00Z" };
        var definition = new[] { BuiltIn.ConfigMap, BuiltIn.Secret, BuiltIn.Namespace, BuiltIn.Service, BuiltIn.Deployment, BuiltIn.Pod, BuiltIn.Event, BuiltIn.CustomResourceDefinition, BuiltIn.Lease }
            .Single(builtIn => builtIn.Kind == kind);

        var table = TableConverter.ForBuiltIn(definition).ToTable([target], null, IncludeObject.Metadata, s_now);

        Assert.Equal(expected, string.Join('|', ((JsonArray)table["rows"]![0]!["cells"]!).Select(cell => cell?.ToString())));
        Assert.Equal(((JsonArray)table["columnDefinitions"]!).Count, ((JsonArray)table["rows"]![0]!["cells"]!).Count);
    }
}
