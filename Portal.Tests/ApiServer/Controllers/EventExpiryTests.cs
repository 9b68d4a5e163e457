using System.Net;
using Portal.Tests.Shared;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer.Controllers;

public sealed class EventExpiryTests
{
    private const string Events = "/api/v1/namespaces/default/events";

    [Fact]
    public async Task Event_AnHourAfterItWasLastSeen_IsGone()
    {
        var time = new ManualTimeProvider();
        await using var api = await StartAsync(timeProvider: time);
        await time.TimerWithinAsync(TimeSpan.FromMinutes(1));
        await api.SendAsync("POST", Events, Event("old", time.GetUtcNow()), HttpStatusCode.Created);
        await api.SendAsync("POST", Events, Event("seen", time.GetUtcNow().AddMinutes(30)), HttpStatusCode.Created);
        using var watch = await api.WatchAsync($"{Events}?watch=true&timeoutSeconds=7200&fieldSelector=metadata.name%3Dold");
        Assert.Equal("ADDED old", await watch.NextTextAsync());

        time.Advance(TimeSpan.FromMinutes(61));

        Assert.Equal("DELETED old", await watch.NextTextAsync());
        Assert.Equal("seen", (string?)Assert.Single((await api.GetAsync(Events))["items"]!.AsArray())!["metadata"]!["name"]);
    }

    private static JsonObject Event(string name, DateTimeOffset seen) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["involvedObject"] = new JsonObject { ["kind"] = "Pod", ["name"] = "p", ["namespace"] = "default" },
        ["type"] = "Normal",
        ["reason"] = "Seen",
        ["lastTimestamp"] = seen.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
    };
}
