using Portal.ApiServer.Patching.ServerSideApply;
using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;
using Portal.Kubernetes.Serialization;

namespace Portal.Tests.ApiServer.Patching;

public sealed class ServerSideApplyTests
{
    private const string Version = "example.org/v1";
    private static readonly DateTimeOffset s_start = new(2024, 5, 1, 10, 0, 0, TimeSpan.Zero);

    private static readonly StructuralSchema s_schema = StructuralSchema.ForCustomResource((JsonObject)JsonNode.Parse("""
        {"type":"object","properties":{
          "spec":{"type":"object","properties":{
            "size":{"type":"integer"},"title":{"type":"string"},"note":{"type":"string","nullable":true},
            "mode":{"type":"string","default":"auto"},
            "selector":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
            "attrs":{"type":"object","additionalProperties":{"type":"string"}},
            "config":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
            "nested":{"type":"object","properties":{"depth":{"type":"integer","default":2}}},
            "order":{"type":"array","items":{"type":"string"}},
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "entries":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
              "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"},"weight":{"type":"integer","default":10}}}},
            "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
              "items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"},"name":{"type":"string"}}}}}},
          "status":{"type":"object","properties":{"phase":{"type":"string"},
            "conditions":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["type"],
              "items":{"type":"object","properties":{"type":{"type":"string"},"status":{"type":"string"}}}}}}}}
        """)!);

    /// <summary>Steps "manager[!] spec", then the expected spec (or conflict message), then "manager operation fields" a line.</summary>
    public static TheoryData<string, string[], string, string[]> Cases { get; } = new()
    {
        { "create", ["""m1 {"size":1}"""], """{"size":1,"mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:size":{}}}"""] },
        {
            "values of two managers", ["""m1 {"attrs":{"a":"1","s":"x"}}""", """m2 {"attrs":{"b":"2","s":"x"}}""", """m1 {"attrs":{}}"""],
            """{"attrs":{"b":"2","s":"x"},"mode":"auto"}""",
            ["""m1 Apply {"f:spec":{"f:attrs":{}}}""", """m2 Apply {"f:spec":{"f:attrs":{"f:b":{},"f:s":{}}}}"""]
        },
        {
            "conflict on two fields", ["""m1 {"size":1,"title":"a"}""", """m2 {"size":2,"title":"b"}"""],
            "Apply failed with 2 conflicts: conflicts with \"m1\":\n- .spec.size\n- .spec.title", []
        },
        {
            "force takes over", ["""m1 {"size":1,"title":"a"}""", """m2! {"size":2}"""],
            """{"size":2,"title":"a","mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:title":{}}}""", """m2 Apply {"f:spec":{"f:size":{}}}"""]
        },
        {
            "shared value survives one owner", ["""m1 {"size":1,"title":"a"}""", """m2 {"size":1}""", """m1 {"title":"a"}"""],
            """{"size":1,"title":"a","mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:title":{}}}""", """m2 Apply {"f:spec":{"f:size":{}}}"""]
        },
        {
            "last owner drops a value", ["""m1 {"size":1,"title":"a"}""", """m1 {"title":"a"}"""],
            """{"title":"a","mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:title":{}}}"""]
        },
        { "dropped field with a default", ["""m1 {"mode":"off"}""", """m1 {"size":1}"""], """{"mode":"auto","size":1}""", ["""m1 Apply {"f:spec":{"f:size":{}}}"""] },
        {
            "empty objects are owned, dropping them removes spec", ["""m1 {"attrs":{},"entries":[],"tags":[],"nested":{}}""", "m1 {}"],
            "null", ["""m1 Apply {"f:spec":{}}"""]
        },
        {
            "set", ["""m1 {"tags":["a","b"]}""", """m2 {"tags":["b","c"]}""", """m1 {"tags":["a"]}""", "m2 {}"],
            """{"tags":["a"],"mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:tags":{"v:\"a\"":{}}}}""", """m2 Apply {"f:spec":{}}"""]
        },
        { "atomic map", ["""m1 {"selector":{"a":"1"}}""", """m2 {"selector":{"b":"2"}}"""], "Apply failed with 1 conflict: conflict with \"m1\": .spec.selector", [] },
        { "atomic list", ["""m1 {"order":["a"]}""", """m2! {"order":["b"]}"""], """{"order":["b"],"mode":"auto"}""", ["""m2 Apply {"f:spec":{"f:order":{}}}"""] },
        {
            "map list keeps items of others in place", ["""m1 {"entries":[{"name":"a","value":"1"},{"name":"b"}]}""", """m2 {"entries":[{"name":"c"}]}""", """m1 {"entries":[{"name":"b"}]}"""],
            """{"entries":[{"name":"b","weight":10},{"name":"c","weight":10}],"mode":"auto"}""",
            ["""m1 Apply {"f:spec":{"f:entries":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}}""", """m2 Apply {"f:spec":{"f:entries":{"k:{\"name\":\"c\"}":{".":{},"f:name":{}}}}}"""]
        },
        {
            "one item, two owners", ["""m1 {"entries":[{"name":"e","value":"1"}]}""", """m2! {"entries":[{"name":"e","weight":5}]}""", "m1 {}"],
            """{"entries":[{"name":"e","weight":5}],"mode":"auto"}""",
            ["""m1 Apply {"f:spec":{}}""", """m2 Apply {"f:spec":{"f:entries":{"k:{\"name\":\"e\"}":{".":{},"f:name":{},"f:weight":{}}}}}"""]
        },
        {
            "defaulted key", ["""m1 {"ports":[{"port":80,"name":"x"}]}""", """m2 {"ports":[{"port":80,"protocol":"TCP","name":"z"}]}"""],
            "Apply failed with 1 conflict: conflict with \"m1\": .spec.ports[port=80,protocol=\"TCP\"].name", []
        },
        { "null owns without a value", ["""m1 {"size":1,"note":null}"""], """{"size":1,"note":null,"mode":"auto"}""", ["""m1 Apply {"f:spec":{"f:note":{},"f:size":{}}}"""] },
        {
            "preserved fields one by one", ["""m1 {"config":{"x":{"y":1},"l":[1,2]}}""", """m2 {"config":{"z":true}}"""],
            """{"config":{"x":{"y":1},"l":[1,2],"z":true},"mode":"auto"}""",
            ["""m1 Apply {"f:spec":{"f:config":{"f:l":{},"f:x":{".":{},"f:y":{}}}}}""", """m2 Apply {"f:spec":{"f:config":{"f:z":{}}}}"""]
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Apply_Sequence_KeepsObjectAndOwners(string name, string[] steps, string expected, string[] owners)
    {
        JsonObject? live = null;
        ApplyResult? result = null;
        foreach (var step in steps)
        {
            result = Apply(live, step);
            live = result.Object ?? live;
        }

        if (result!.Object is null)
        {
            Assert.Equal(expected, result.ConflictMessage);
            return;
        }

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), live!["spec"]), $"{name}: {live["spec"]?.ToJsonString()}");
        Assert.Equal(owners, Owners(live));
    }

    [Fact]
    public void Apply_SameAgain_ChangesNothing()
    {
        var first = Apply(null, """m1 {"size":1,"entries":[{"name":"e","value":"v"}],"tags":["a"],"config":{"a":[1]}}""").Object!;
        var again = Apply(first, """m1 {"size":1,"entries":[{"name":"e","value":"v"}],"tags":["a"],"config":{"a":[1]}}""", s_start.AddHours(1)).Object!;

        Assert.True(JsonNode.DeepEquals(first, again));
        Assert.True(ManagedFields.HasSameContent(first, again));
    }

    [Fact]
    public void Apply_SameContentOtherManager_IsNoNoOp()
    {
        var first = Apply(null, """m1 {"size":1}""").Object!;

        Assert.False(ManagedFields.HasSameContent(first, Apply(first, """m2 {"size":1}""").Object));
    }

    [Fact]
    public void Apply_OwnUpdateEntry_Conflicts()
    {
        var live = Object("""{"size":1}""");
        ManagedFieldsUpdater.Update(null, live, s_schema, Writer("m1"));

        var refused = Apply(live, """m1 {"size":2}""");
        var forced = Apply(live, """m1! {"size":2}""").Object!;

        Assert.Equal($"Apply failed with 1 conflict: conflict with \"m1\" using {Version}: .spec.size", refused.ConflictMessage);
        Assert.Equal(["""m1 Apply {"f:spec":{"f:size":{}}}""", """m1 Update {"f:spec":{}}"""], Owners(forced));
    }

    [Fact]
    public void Apply_UntrackedLiveObject_BelongsToBeforeFirstApply()
    {
        var forced = Apply(Object("""{"size":1,"title":"t"}"""), """m1! {"size":2}""").Object!;

        Assert.Equal(["""m1 Apply {"f:spec":{"f:size":{}}}""", """before-first-apply Update {"f:spec":{".":{},"f:title":{}}}"""], Owners(forced));
    }

    [Fact]
    public void Apply_StatusByTwoManagers_IsMergedByConditionType()
    {
        var live = Apply(null, "m1 {}").Object!;
        var writer = Writer("c1") with { Subresource = "status", IgnoredFields = ["spec"] };
        var ready = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""")!;
        var synced = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"a"},"status":{"conditions":[{"type":"Synced","status":"False"}]}}""")!;

        live = ApplyMerger.Apply(live, ready, s_schema, writer, false).Object!;
        live = ApplyMerger.Apply(live, synced, s_schema, writer with { Manager = "c2" }, false).Object!;

        Assert.Equal(2, ((JsonArray)live["status"]!["conditions"]!).Count);
        Assert.Contains("""c1 Apply {"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{".":{},"f:status":{},"f:type":{}}}}}""", Owners(live));
        Assert.Equal("status", live["metadata"]!["managedFields"]![0]!["subresource"]!.ToString());
    }

    [Theory]
    [InlineData("""{"nosuch":1}""", ".spec.nosuch: field not declared in schema")]
    [InlineData("""{"tags":["a","a"]}""", ".spec.tags: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"entries":[{"value":"x"}]}""", ".spec.entries: element 0: associative list with keys has an element that omits key field \"name\"")]
    [InlineData("""{"entries":{"a":1}}""", ".spec.entries: expected list, got map")]
    public void Apply_ObjectThatDoesNotFit_NamesTheField(string spec, string message) =>
        Assert.Equal(message, Assert.Throws<ApplyException>(() => Apply(null, "m1 " + spec)).Message);

    [Fact]
    public void Update_ChangedAddedAndRemovedFields_MoveBetweenOwners()
    {
        var created = Object("""{"size":1,"title":"a","mode":"auto"}""");
        ManagedFieldsUpdater.Update(null, created, s_schema, Writer("m1"));
        Assert.Equal(["""m1 Update {"f:spec":{".":{},"f:mode":{},"f:size":{},"f:title":{}}}"""], Owners(created));

        var updated = (JsonObject)created.DeepClone();
        updated["spec"] = JsonNode.Parse("""{"size":2,"mode":"auto","attrs":{"k":"v"}}""");
        ManagedFieldsUpdater.Update(created, updated, s_schema, Writer("m2"));

        Assert.Equal(
            ["""m1 Update {"f:spec":{".":{},"f:mode":{}}}""", """m2 Update {"f:spec":{"f:attrs":{".":{},"f:k":{}},"f:size":{}}}"""],
            Owners(updated));
    }

    [Fact]
    public void Update_Unchanged_KeepsEntriesAndTimes()
    {
        var created = Object("""{"size":1}""");
        ManagedFieldsUpdater.Update(null, created, s_schema, Writer("m1"));
        var updated = (JsonObject)created.DeepClone();

        ManagedFieldsUpdater.Update(created, updated, s_schema, Writer("m1") with { Now = s_start.AddHours(1) });

        Assert.True(JsonNode.DeepEquals(created, updated));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{}]")]
    public void Update_Reset_ClearsAndStaysCleared(string managedFields)
    {
        var created = Object("""{"size":1}""");
        ManagedFieldsUpdater.Update(null, created, s_schema, Writer("m1"));
        var cleared = (JsonObject)created.DeepClone();
        cleared["metadata"]!["managedFields"] = JsonNode.Parse(managedFields);
        ManagedFieldsUpdater.Update(created, cleared, s_schema, Writer("m1"));
        var later = (JsonObject)cleared.DeepClone();
        later["spec"]!["size"] = 2;
        ManagedFieldsUpdater.Update(cleared, later, s_schema, Writer("m1"));

        Assert.False(((JsonObject)cleared["metadata"]!).ContainsKey("managedFields"));
        Assert.False(((JsonObject)later["metadata"]!).ContainsKey("managedFields"));
    }

    [Fact]
    public void Update_StatusWriter_HasAnEntryOfItsOwn()
    {
        var created = Object("""{"size":1}""");
        ManagedFieldsUpdater.Update(null, created, s_schema, Writer("m1") with { IgnoredFields = ["status"] });
        var updated = (JsonObject)created.DeepClone();
        updated["status"] = new JsonObject { ["phase"] = "Up" };

        ManagedFieldsUpdater.Update(created, updated, s_schema, Writer("m1") with { Subresource = "status", IgnoredFields = ["spec"] });

        Assert.Equal(["""m1 Update {"f:spec":{".":{},"f:size":{}}}""", """m1 Update {"f:status":{".":{},"f:phase":{}}}"""], Owners(updated));
    }

    [Fact]
    public void Update_NoChangeBesideAStatusEntry_KeepsTheOrderOfEntries()
    {
        var live = Object("""{"size":1}""");
        ManagedFieldsUpdater.Update(null, live, s_schema, Writer("m1"));
        var withStatus = (JsonObject)live.DeepClone();
        withStatus["status"] = new JsonObject { ["phase"] = "Up" };
        ManagedFieldsUpdater.Update(live, withStatus, s_schema, Writer("m1") with { Subresource = "status", IgnoredFields = ["spec"] });

        var again = (JsonObject)withStatus.DeepClone();
        ManagedFieldsUpdater.Update(withStatus, again, s_schema, Writer("m1") with { IgnoredFields = ["status"] });

        Assert.True(ManagedFields.HasSameContent(withStatus, again), again.ToJsonString());
    }

    [Fact]
    public void Apply_KubectlAfterClientSideApply_TakesItsFieldsOverAndKeepsTheAnnotation()
    {
        const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
        var live = Object("""{"size":1,"title":"t"}""");
        live["metadata"]!["annotations"] = new JsonObject { [Annotation] = """{"metadata":{"name":"a"},"spec":{"size":1}}""" };
        ManagedFieldsUpdater.Update(null, live, s_schema, Writer("kubectl-client-side-apply"));

        var taken = Apply(live, """kubectl {"size":2}""");
        var foreign = Apply(live, """kubectl {"size":2,"title":"other"}""");

        Assert.Equal(2, taken.Object!["spec"]!["size"]!.GetValue<int>());
        Assert.Contains("\"size\":2", taken.Object["metadata"]!["annotations"]![Annotation]!.ToString(), StringComparison.Ordinal);
        Assert.Equal([".spec.title"], foreign.Conflicts.Select(conflict => conflict.Field));
        Assert.NotEmpty(Apply(live, """other {"size":2}""").Conflicts);
    }

    [Fact]
    public void Update_ManyWriters_AreFoldedIntoOne()
    {
        JsonObject? live = null;
        for (var i = 0; i < 15; i++)
        {
            var next = live?.DeepClone() as JsonObject ?? Object("""{"attrs":{}}""");
            next["spec"]!["attrs"]![$"k{i}"] = "v";
            ManagedFieldsUpdater.Update(live, next, s_schema, Writer($"m{i:d2}") with { Now = s_start.AddMinutes(i) });
            live = next;
        }

        var entries = (JsonArray)live!["metadata"]!["managedFields"]!;
        Assert.Equal(10, entries.Count);
        Assert.Contains(entries, entry => entry!["manager"]!.ToString() == "ancient-changes");
    }

    [Fact]
    public void Update_BuiltInDeployment_OwnsListItemsByKeyAndNoInlineParents()
    {
        var deployment = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"}},
             "spec":{"containers":[{"name":"m","image":"i","ports":[{"containerPort":80,"protocol":"TCP"}]}]}}}}
            """)!;

        ManagedFieldsUpdater.Update(null, deployment, BuiltInSchemas.Get(BuiltIn.Deployment), Writer("m1"));

        Assert.Equal(
            """m1 Update {"f:spec":{"f:selector":{},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"m\"}":{".":{},"f:image":{},"f:name":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},"f:protocol":{}}}}}}}}}""",
            Assert.Single(Owners(deployment)));
    }

    [Theory]
    [InlineData("""{"f:a":{},"f:b":{".":{},"f:c":{}},"f:l":{"k:{\"name\":\"x\"}":{".":{}},"v:1":{},"i:0":{}}}""")]
    [InlineData("{}")]
    public void FieldSet_RoundTrip_IsTheSame(string fields)
    {
        var set = FieldSet.Parse((JsonObject)JsonNode.Parse(fields)!);

        Assert.True(set.SetEquals(FieldSet.Parse(set.ToJson())));
    }

    [Theory]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"f:a":1}""")]
    [InlineData("""{"k:{":{}}""")]
    public void FieldSet_NoFieldSet_Throws(string fields) =>
        Assert.Throws<FormatException>(() => FieldSet.Parse((JsonObject)JsonNode.Parse(fields)!));

    private static ApplyResult Apply(JsonObject? live, string step, DateTimeOffset? now = null)
    {
        var space = step.IndexOf(' ', StringComparison.Ordinal);
        var manager = step[..space];
        var applied = Object(step[(space + 1)..]);
        var result = ApplyMerger.Apply(live, applied, s_schema, Writer(manager.TrimEnd('!')) with { Now = now ?? s_start }, manager.EndsWith('!'));
        if (result.Object is { } merged)
        {
            SchemaDefaulter.Apply(merged, s_schema, dropNulls: false);
            if (merged["spec"] is null)
            {
                merged.Remove("spec");
            }
        }

        return result;
    }

    private static FieldWriter Writer(string manager) => new() { Manager = manager, ApiVersion = Version, Now = s_start };

    private static JsonObject Object(string spec) => new()
    {
        ["apiVersion"] = Version,
        ["kind"] = "Widget",
        ["metadata"] = new JsonObject { ["name"] = "a" },
        ["spec"] = JsonNode.Parse(spec),
    };

    private static string[] Owners(JsonObject source) =>
        [.. ((source["metadata"]!["managedFields"] as JsonArray) ?? []).Select(entry =>
            $"{entry!["manager"]} {entry["operation"]} {entry["fieldsV1"]!.ToJsonString(KubernetesJson.Options)}")];

}
