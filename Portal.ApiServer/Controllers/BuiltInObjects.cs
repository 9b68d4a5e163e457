using Portal.ApiServer.Auth;
using Portal.ApiServer.Handlers;

namespace Portal.ApiServer.Controllers;

/// <summary>Objects every cluster has.</summary>
internal static class BuiltInObjects
{
    private static readonly string[] s_namespaces = ["default", "kube-system"];

    public static async Task EnsureAsync(ServerContext server, CancellationToken cancellationToken)
    {
        var resource = server.Registry.Table.Find("", "v1", "namespaces")!;
        var creator = new ObjectCreator(server);
        foreach (var name in s_namespaces.Where(name => server.Log.Find(resource.Key(null, name)) is null))
        {
            var write = new WriteContext { Target = new Target(resource, null, null, null), Manager = "kube-apiserver", User = UserInfo.Server };
            var target = new JsonObject { ["kind"] = "Namespace", ["apiVersion"] = "v1", ["metadata"] = new JsonObject { ["name"] = name } };
            await creator.CreateAsync(write, target, applied: false, cancellationToken);
        }
    }
}
