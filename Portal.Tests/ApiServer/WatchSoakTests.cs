using System.Net;
using Portal.Tests.Shared;
using static Portal.Tests.ApiServer.TestApi;

namespace Portal.Tests.ApiServer;

/// <summary>Watches that come and go leave nothing behind.</summary>
public sealed class WatchSoakTests
{
    [Fact]
    public async Task Watches_ThatDisconnect_LeaveNoSubscription()
    {
        await using var api = await StartAsync();
        var before = api.Server.Log.Hub.Count;
        await Parallel.ForAsync(0, TestMode.IsLong ? 50_000 : 400, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, _) =>
        {
            // Some leave before the first event, some after it, some in the middle of a flood of them.
            using var watch = await api.WatchAsync($"{ConfigMaps}?watch=true&allowWatchBookmarks=true");
            if (index % 3 == 0)
            {
                await api.SendAsync("POST", ConfigMaps, ConfigMap($"c{index}", new string('x', 4_000)), HttpStatusCode.Created);
                await api.SendAsync("DELETE", $"{ConfigMaps}/c{index}", null, HttpStatusCode.OK);
            }
        });

        await EventuallyAsync(() => api.Server.Log.Hub.Count == before);
    }

    /// <summary>The server notices a closed connection a moment later.</summary>
    private static async Task EventuallyAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(ManualTimeProvider.Patience);
        while (!condition())
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
