using System.Globalization;
using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Controllers;

/// <summary>Removes events an hour after they were last seen.</summary>
internal sealed class EventExpiry(ServerContext server)
{
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    private readonly ObjectDeleter _deleter = new(server);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var resource = server.Registry.Table.Find("", "v1", "events")!;
        var oldest = server.TimeProvider.GetUtcNow() - s_lifetime;
        foreach (var stored in server.Log.Snapshot(resource.StorageKey).Objects.Where(stored => LastSeen(stored.Json) < oldest).ToList())
        {
            var target = new Target(resource, stored.Key.Namespace, stored.Key.Name, null);
            var write = new WriteContext { Target = target, Manager = "kube-apiserver", User = UserInfo.Server };
            try
            {
                await _deleter.DeleteAsync(
                    write, new DeletePolicy { ResourceVersion = Metadata.Format(stored.Revision) }, cancellationToken);
            }
            catch (ApiException)
            {
                // Gone, seen again a moment ago, or refused by a webhook: the next sweep tries again.
            }
        }
    }

    private static DateTimeOffset LastSeen(JsonObject target)
    {
        JsonNode?[] times = [target["metadata"]?["creationTimestamp"], target["lastTimestamp"], target["eventTime"], target["series"]?["lastObservedTime"]];
        return times.Select(time => DateTimeOffset.TryParse(time?.ToString(), CultureInfo.InvariantCulture, out var parsed) ? parsed : DateTimeOffset.MinValue).Max();
    }
}
