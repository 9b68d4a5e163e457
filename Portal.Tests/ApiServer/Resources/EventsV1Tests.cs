using System.Net;

namespace Portal.Tests.ApiServer.Resources;

public sealed class EventsV1Tests
{
    private const string Core = "/api/v1/namespaces/default/events";
    private const string Events = "/apis/events.k8s.io/v1/namespaces/default/events";

    [Fact]
    public async Task Create_InEventsGroup_IsReadInTheCoreGroupUnderItsNames()
    {
        await using var api = await TestApi.StartAsync();

        var created = await api.SendAsync("POST", Events, Event(), HttpStatusCode.Created);
        var core = await api.GetAsync(Core + "/e1");

        Assert.Equal("events.k8s.io/v1", created["apiVersion"]!.ToString());
        Assert.Equal("it happened", created["note"]!.ToString());
        Assert.Null(created["message"]);
        Assert.Equal("v1", core["apiVersion"]!.ToString());
        Assert.Equal("it happened", core["message"]!.ToString());
        Assert.Equal("w1", core["involvedObject"]!["name"]!.ToString());
        Assert.Equal("example.org/controller", core["reportingComponent"]!.ToString());
        Assert.Null(core["note"]);
        Assert.Equal(created["metadata"]!["uid"]!.ToString(), core["metadata"]!["uid"]!.ToString());
    }

    [Fact]
    public async Task Watch_OfEitherGroup_SeesWritesToTheOther()
    {
        await using var api = await TestApi.StartAsync();
        using var core = await api.WatchAsync(Core + "?watch=true&fieldSelector=involvedObject.name%3Dw1");
        using var events = await api.WatchAsync(Events + "?watch=true&fieldSelector=regarding.name%3Dw1");
        await api.SendAsync("POST", Events, Event(), HttpStatusCode.Created);

        Assert.Equal("it happened", (await core.NextAsync())!["object"]!["message"]!.ToString());
        Assert.Equal("it happened", (await events.NextAsync())!["object"]!["note"]!.ToString());
        await api.MergeAsync(Events + "/e1", JsonNode.Parse("""{"series":{"count":2,"lastObservedTime":"2024-05-01T10:00:00.000000Z"}}""")!);
        Assert.Equal(2, (int)(await core.NextAsync())!["object"]!["series"]!["count"]!);
        await api.SendAsync("DELETE", Core + "/e1", null, HttpStatusCode.OK);
        Assert.Equal("MODIFIED e1", await events.NextTextAsync());
        Assert.Equal("DELETED e1", await events.NextTextAsync());
    }

    [Fact]
    public async Task Patch_ThatChangesNothing_KeepsTheRevision()
    {
        await using var api = await TestApi.StartAsync();
        var created = await api.SendAsync("POST", Events, Event(), HttpStatusCode.Created);

        var patched = await api.MergeAsync(Events + "/e1", JsonNode.Parse("""{"note":"it happened"}""")!);

        Assert.Equal(created["metadata"]!["resourceVersion"]!.ToString(), patched["metadata"]!["resourceVersion"]!.ToString());
    }

    [Theory]
    [InlineData("eventTime", null, "eventTime")]
    [InlineData("action", "", "action")]
    [InlineData("reportingController", null, "reportingController")]
    [InlineData("reportingInstance", null, "reportingInstance")]
    [InlineData("type", "Odd", "type")]
    [InlineData("deprecatedFirstTimestamp", "2024-05-01T10:00:00Z", "deprecatedFirstTimestamp")]
    public async Task Create_InEventsGroup_MustBeComplete(string field, string? value, string told)
    {
        await using var api = await TestApi.StartAsync();
        var wrong = Event();
        wrong.Remove(field);
        if (value is not null)
        {
            wrong[field] = value;
        }

        var refused = await api.SendAsync("POST", Events, wrong, HttpStatusCode.UnprocessableEntity);

        Assert.Equal(told, Assert.Single(refused["details"]!["causes"]!.AsArray())!["field"]!.ToString());
    }

    [Fact]
    public async Task Update_InEventsGroup_ChangesOnlyTheSeries()
    {
        await using var api = await TestApi.StartAsync();
        await api.SendAsync("POST", Events, Event(), HttpStatusCode.Created);

        var refused = await api.MergeAsync(Events + "/e1", new JsonObject { ["note"] = "other" }, HttpStatusCode.UnprocessableEntity);

        Assert.Contains("note: Invalid value: \"other\": field is immutable", refused["message"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeleteNamespace_WithEvents_RemovesThemOnce()
    {
        await using var api = await TestApi.StartAsync();
        await api.SendAsync("POST", "/api/v1/namespaces", JsonNode.Parse("""{"metadata":{"name":"gone"}}"""), HttpStatusCode.Created);
        var about = Event();
        about["regarding"]!["namespace"] = "gone";
        await api.SendAsync("POST", "/apis/events.k8s.io/v1/namespaces/gone/events", about, HttpStatusCode.Created);
        using var watch = await api.WatchAsync("/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Dgone");
        await api.SendAsync("DELETE", "/api/v1/namespaces/gone", null, HttpStatusCode.OK);

        for (var next = ""; next != "DELETED gone"; next = await watch.NextTextAsync())
        {
            Assert.NotEqual("end", next);
        }

        Assert.DoesNotContain((await api.GetAsync("/api/v1/events"))["items"]!.AsArray(), item => item!["metadata"]!["namespace"]!.ToString() == "gone");
    }

    private static JsonObject Event() => JsonNode.Parse("""
        {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"e1"},"eventTime":"2024-05-01T10:00:00.000000Z","type":"Normal","reason":"Tested",
         "action":"Testing","note":"it happened","reportingController":"example.org/controller","reportingInstance":"c-1",
         "regarding":{"apiVersion":"v1","kind":"Thing","namespace":"default","name":"w1"}}
        """)!.AsObject();
}
