using Portal.ApiServer.Handlers;
using Portal.ApiServer.Protobuf;
using Portal.ApiServer.Resources;
using static Portal.Tests.ApiServer.Protobuf.WireBytes;

namespace Portal.Tests.ApiServer.Protobuf;

/// <summary>Protobuf bodies made by hand: what they become in JSON, and how bad ones are refused.</summary>
public sealed class ProtobufBodyTests
{
    private static string Json(byte[] body, string kind) => ProtobufBody.Parse(body, kind).Node!.ToJsonString();

    private static ApiException Refused(byte[] body) => Assert.Throws<ApiException>(() => ProtobufBody.Parse(body, "ConfigMap"));

    [Fact]
    public void Parse_OfAConfigMap_IsTheSameJson()
    {
        var body = Body(
            "v1", "ConfigMap",
            Message(1, Text(1, "a"), Text(2, ""), Message(8)),
            Message(2, Text(1, "k"), Text(2, "v")),
            Message(2, Text(1, "empty")),
            Message(3, Text(1, "raw"), Message(2, [0, 255])),
            Number(4, 0));

        Assert.Equal(
            """{"metadata":{"name":"a"},"data":{"k":"v","empty":""},"binaryData":{"raw":"AP8="},"immutable":false,"apiVersion":"v1","kind":"ConfigMap"}""",
            Json(body, "ConfigMap"));
    }

    [Fact]
    public void Parse_OfADeployment_KeepsSetZerosAndDropsUnsetOnes()
    {
        var body = Body(
            "apps/v1", "Deployment",
            Message(
                2,
                Number(1, 0),
                Number(5, 0),
                Message(4, Text(1, ""), Message(2, Message(1, Number(1, 0), Number(2, 0), Text(3, "")), Message(2, Number(1, 1), Text(3, "25%")))),
                Message(3, Message(2, Number(11, 0), Message(1, Text(1, "v"), Message(2, Message(2, Text(1, "")))), Message(14, Message(4, [1, 2]))))));

        Assert.Equal(
            """
            {"spec":{"replicas":0,"strategy":{"rollingUpdate":{"maxUnavailable":0,"maxSurge":"25%"}},"template":{"spec":{"volumes":[{"name":"v","emptyDir":{}}],"securityContext":{"supplementalGroups":[1,2]}}}},"apiVersion":"apps/v1","kind":"Deployment"}
            """,
            Json(body, "Deployment"));
    }

    [Fact]
    public void Parse_OfTimesAndManagedFields_ReadsTheirValues()
    {
        var body = Body("v1", "ConfigMap", Message(1, Message(9, Number(1, 1)), Message(17, Text(1, "m"), Message(7, Text(1, """{"f:data":{}}""")))));

        Assert.Equal(
            """{"metadata":{"deletionTimestamp":"1970-01-01T00:00:01Z","managedFields":[{"manager":"m","fieldsV1":{"f:data":{}}}]},"apiVersion":"v1","kind":"ConfigMap"}""",
            Json(body, "ConfigMap"));
    }

    [Fact]
    public void Parse_OfAnUnknownFieldThatSaysSomething_RefusesRatherThanLoseIt()
    {
        var refused = Refused(Body("v1", "ConfigMap", Message(1, Text(99, "from a later version"))));

        Assert.Equal(415, refused.Code);
        Assert.Contains("field 99 of ObjectMeta in protobuf is not read here: write the ConfigMap with --dry-run=client", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfUnknownZerosAndRepeatedMessages_PassesOverAndMerges()
    {
        var body = Body("v1", "ConfigMap", Text(99, ""), Message(1, Text(1, "a")), Message(1, Text(3, "ns")), Number(98, 0));

        Assert.Equal("""{"metadata":{"name":"a","namespace":"ns"},"apiVersion":"v1","kind":"ConfigMap"}""", Json(body, "ConfigMap"));
    }

    [Fact]
    public void Parse_OfAKindWithoutTable_SaysWhatToDo()
    {
        var refused = Refused(Body("v1", "Endpoints"));

        Assert.Equal(415, refused.Code);
        Assert.Contains("the kind Endpoints of \"v1\" in protobuf is not read here: write the ConfigMap with --dry-run=client -o yaml", refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[], string> Malformed => new()
    {
        { "empty", [], "does not begin" },
        { "json", "{}"u8.ToArray(), "does not begin" },
        { "cut field", [.. "k8s\0"u8, 0x0A, 5, 1], "middle of a field" },
        { "cut number", [.. "k8s\0"u8, 0xFF], "middle of a field" },
        { "endless number", [.. "k8s\0"u8, .. Enumerable.Repeat((byte)0xFF, 11)], "longer than ten bytes" },
        { "huge length", [.. "k8s\0"u8, 0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "middle of a field" },
        { "field zero", Body("v1", "ConfigMap", [0, 0]), "field number 0" },
        { "a group", Body("v1", "ConfigMap", [0x9B, 6]), "wire type 3" },
        { "number for text", Body("v1", "ConfigMap", Message(1, Number(1, 7))), "wire type 0 instead of 2" },
        { "text for number", Body("v1", "ConfigMap", Text(4, "yes")), "wire type 2 instead of 0" },
        { "not UTF-8", Body("v1", "ConfigMap", Message(1, Message(1, [0xC3]))), "not UTF-8" },
        { "a time far away", Body("v1", "ConfigMap", Message(1, Message(9, Number(1, long.MaxValue)))), "out of range" },
        { "broken managed fields", Body("v1", "ConfigMap", Message(1, Message(17, Message(7, Text(1, "{"))))), "not JSON" },
        { "compressed", [.. Body("v1", "ConfigMap"), .. Text(3, "gzip")], "gzip is not read" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Parse_OfMalformedBytes_Is400AndSaysWhy(string what, byte[] body, string why)
    {
        var refused = Refused(body);

        Assert.Equal(400, refused.Code);
        Assert.True(refused.Message.Contains(why, StringComparison.Ordinal), $"{what}: {refused.Message}");
    }

    [Fact]
    public void Parse_OfDamagedBytes_ParsesOrRefusesButNeverFails()
    {
        const int Seed = 20_260;
        var random = new Random(Seed);
        var whole = Body(
            "batch/v1", "CronJob", Message(1, Text(1, "a"), Message(8, Number(1, 1))), Message(2, Text(1, "* * * * *"), Message(5, Message(2, Message(6, Message(2,
                Message(2, Text(1, "c"), Message(6, Number(3, 80)), Message(8, Message(1, Text(1, "cpu"), Message(2, Text(1, "1")))))))))));
        var (parsed, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = whole[..random.Next(whole.Length / 2, whole.Length + 1)];
            for (var change = random.Next(3); change > 0; change--)
            {
                damaged[random.Next(4, damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Assert.NotNull(ProtobufBody.Parse(damaged, "CronJob").Node!.ToJsonString());
                parsed++;
            }
            catch (ApiException problem)
            {
                Assert.True(problem.Code is 400 or 415, $"seed {Seed}: {problem}");
                refused++;
            }
        }

        Assert.True(parsed > 100 && refused > 100, $"The generator no longer reaches both sides: {parsed} parsed, {refused} refused.");
    }

    [Fact]
    public void Kinds_OfTheTables_AreServedAndHaveOnlyKnownFields()
    {
        var served = BuiltInResources.All().Append(BuiltInResources.TokenRequest).ToDictionary(resource => $"{resource.Definition.ApiVersion}/{resource.Definition.Kind}", StringComparer.Ordinal);
        foreach (var kind in MessageTables.Kinds.Where(kind => kind != "v1/DeleteOptions"))
        {
            var (apiVersion, name) = (kind[..kind.LastIndexOf('/')], kind[(kind.LastIndexOf('/') + 1)..]);
            var schema = served[kind].Schema;
            foreach (var field in MessageTables.ForKind(apiVersion, name)!.Fields.Values)
            {
                Assert.True(schema.Property(field.Name) is not null, $"{kind} has no field {field.Name}");
                if (field.Message is { } message && schema.Property(field.Name)!.Properties.Count > 0)
                {
                    Assert.All(message.Fields.Values, inner => Assert.True(schema.Property(field.Name)!.Property(inner.Name) is not null, $"{kind} {field.Name}.{inner.Name}"));
                }
            }
        }
    }

    [Fact]
    public void Messages_ContainNoneOfThemselves()
    {
        // Nesting of a body is bounded by the tables alone.
        foreach (var kind in MessageTables.Kinds)
        {
            var split = kind.LastIndexOf('/');
            Walk(MessageTables.ForKind(kind[..split], kind[(split + 1)..])!, []);
        }

        static void Walk(MessageTable message, HashSet<MessageTable> above)
        {
            Assert.True(above.Add(message));
            foreach (var inner in message.Fields.Values.Select(field => field.Message).OfType<MessageTable>().Distinct())
            {
                Walk(inner, above);
            }

            above.Remove(message);
        }
    }
}
