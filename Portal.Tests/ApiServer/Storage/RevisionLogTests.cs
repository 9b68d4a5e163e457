using Portal.ApiServer.Storage;

namespace Portal.Tests.ApiServer.Storage;

public class RevisionLogTests
{
    [Fact]
    public async Task Subscriber_ThatReadsBack_FindsTheChangeItHeardOf()
    {
        const int Writes = 2_000;
        using var log = RevisionLog.Open(null, TimeProvider.System);
        var key = new ObjectKey("/configmaps", "default", "a");
        var (_, subscription) = log.WatchFrom(null, 0);
        var reader = Task.Run(async () =>
        {
            var stale = 0;
            for (var seen = 0; seen < Writes; seen++)
            {
                var revision = await subscription.Reader.ReadAsync();
                stale += log.Find(key)!.Revision < revision.Number || log.Revision < revision.Number ? 1 : 0;
            }

            return stale;
        });

        var stored = log.Create(key, Json(0))!;
        for (var write = 1; write < Writes; write++)
        {
            stored = log.Update(stored, Json(write))!;
        }

        Assert.Equal(0, await reader);
    }

    private static JsonObject Json(int value) => new() { ["metadata"] = new JsonObject { ["name"] = "a", ["uid"] = "u" }, ["data"] = new JsonObject { ["value"] = value.ToString(System.Globalization.CultureInfo.InvariantCulture) } };
}
