using System.Net;
using Portal.ApiServer;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Resources;

/// <summary>Definitions that a real server refuses are refused, and none of them can take the server down.</summary>
public sealed class CrdDefinitionTests : IAsyncLifetime
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private TestApi _api = null!;

    public async Task InitializeAsync() => _api = await StartWithThingsAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("nodot", "others", """{"kind":"Other"}""", "v1", "spec.group")]
    [InlineData("apps", "deployments", """{"kind":"Deployment"}""", "v1", "spec.group")]
    [InlineData("other.k8s.io", "others", """{"kind":"Other"}""", "v1", "metadata.annotations[api-approved.kubernetes.io]")]
    [InlineData("test.example.org", "others", """{"kind":"Other"}""", "V1", "spec.versions[0].name")]
    [InlineData("test.example.org", "others", """{"kind":"Other/x"}""", "v1", "spec.names.kind")]
    [InlineData("test.example.org", "others", """{"kind":"Other","listKind":"Other"}""", "v1", "spec.names.listKind")]
    [InlineData("test.example.org", "others", """{"kind":"Other","singular":"an other"}""", "v1", "spec.names.singular")]
    [InlineData("test.example.org", "others", """{"kind":"Other","shortNames":["ot","O"]}""", "v1", "spec.names.shortNames[1]")]
    [InlineData("test.example.org", "others", """{"kind":"Other","categories":[""]}""", "v1", "spec.names.categories[0]")]
    public async Task Create_OfADefinitionWithABadName_IsInvalid(string group, string plural, string names, string version, string field)
    {
        var definition = Definition(group, plural, names);
        definition["spec"]!["versions"]![0]!["name"] = version;

        var refused = await _api.SendAsync("POST", Definitions, definition, HttpStatusCode.UnprocessableEntity);

        Assert.Contains(refused["details"]!["causes"]!.AsArray(), cause => cause!["field"]!.ToString() == field);
    }

    [Fact]
    public async Task Definition_OfABuiltInKind_IsNotServedAndTheServerStartsAgain()
    {
        var directory = Directory.CreateTempSubdirectory("crds-");
        try
        {
            var options = new ApiServerOptions { DatabasePath = Path.Combine(directory.FullName, "cluster.db") };
            var definition = Definition("events.k8s.io", "events", """{"kind":"Event"}""");
            definition["metadata"]!["annotations"] = new JsonObject { ["api-approved.kubernetes.io"] = "https://example.org" };
            await using (var api = await StartAsync(options))
            {
                await api.SendAsync("POST", Definitions, definition, HttpStatusCode.Created);
            }

            await using var again = await StartAsync(options);

            var stored = await again.GetAsync($"{Definitions}/events.events.k8s.io");
            var accepted = stored["status"]!["conditions"]!.AsArray().Single(condition => condition!["type"]!.ToString() == "NamesAccepted")!;
            Assert.Equal("False", accepted["status"]!.ToString());
            Assert.Equal("EventList", (await again.GetAsync("/apis/events.k8s.io/v1/events"))["kind"]!.ToString());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(".spec.text", null)]
    [InlineData(".spec.none", "is an invalid path")]
    [InlineData("spec.text", "is an invalid path")]
    [InlineData(".spec.tags", "must point to a field of type")]
    [InlineData(".metadata.name", "must not point to fields in metadata")]
    [InlineData("", "Required value")]
    public async Task SelectableField_ThatIsNoScalarOfTheSchema_IsInvalid(string path, string? problem)
    {
        var definition = Definition("test.example.org", "others", """{"kind":"Other"}""");
        definition["spec"]!["versions"]![0]!["selectableFields"] = new JsonArray(new JsonObject { ["jsonPath"] = path });

        var (_, answer) = await _api.SendAsync("POST", Definitions, definition);

        Assert.Equal(problem is null ? "CustomResourceDefinition" : "Status", answer["kind"]!.ToString());
        Assert.Contains(problem ?? "", answer["message"]?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false, 422)]
    [InlineData(false, true, 422)]
    [InlineData(true, true, 201)]
    [InlineData(false, false, 201)]
    public async Task SelectableFields_DifferBetweenVersions_AsSchemasDo(bool sameSchema, bool sameFields, int expected)
    {
        var definition = Definition("test.example.org", "others", """{"kind":"Other"}""");
        var first = definition["spec"]!["versions"]![0]!.AsObject();
        first["selectableFields"] = JsonNode.Parse("""[{"jsonPath":".spec.text"}]""");
        var second = first.DeepClone().AsObject();
        second["name"] = "v2";
        second["storage"] = false;
        if (!sameSchema)
        {
            second["schema"]!["openAPIV3Schema"]!["description"] = "Differs.";
        }

        if (!sameFields)
        {
            second.Remove("selectableFields");
        }

        definition["spec"]!["versions"]!.AsArray().Add(second);

        var (status, answer) = await _api.SendAsync("POST", Definitions, definition);

        Assert.True((int)status == expected, answer.ToJsonString());
    }

    private static JsonObject Definition(string group, string plural, string names)
    {
        var definition = ThingDefinition();
        definition["metadata"]!["name"] = $"{plural}.{group}";
        definition["spec"]!["group"] = group;
        definition["spec"]!["names"] = JsonNode.Parse(names);
        definition["spec"]!["names"]!["plural"] = plural;
        return definition;
    }
}
